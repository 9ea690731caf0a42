# A service over one model folder. Build with `docker build -t motet .`; `compose.yaml` runs it beside PostgreSQL.
FROM python:3.11-slim AS built

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /motet
ENV PATH=/motet/bin:$PATH
COPY constraints.txt ./
# torch first, pinned and for the CPU: a resolver left alone may bring gigabytes of GPU libraries along.
ARG TORCH=torch==2.13.0
ARG PIP_EXTRA_INDEX_URL=
RUN pip install -c constraints.txt "$TORCH"
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src ./src
RUN pip install -c constraints.txt --build-constraint constraints.txt '.[serve,postgres,language,ann]'

FROM python:3.11-slim

RUN useradd --system --uid 10001 --create-home motet && mkdir -p /models /data && chown motet:motet /models /data
COPY --from=built /motet /motet
ENV PATH=/motet/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER motet
WORKDIR /data
VOLUME ["/models", "/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
ENTRYPOINT ["motet"]
CMD ["serve", "/models/current", "--store", "/data/motet.db", "--host", "0.0.0.0", "--port", "8000"]
