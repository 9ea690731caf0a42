from motet.serve.pages import PAGES

from ..conftest import Shop, serving, write_model


def test_the_console_is_served_without_a_key_and_may_ask_this_host_alone(tmp_path) -> None:
    with serving(write_model(tmp_path / "models" / "first"), open_door=False) as shop:
        for path in ("/console", "/console/"):
            said = shop.call("GET", path)
            assert said.status == 200 and 'id="root"' in said.body
        rules = dict(each.split(" ", 1) for each in said.headers["content-security-policy"].split("; "))
        assert rules["script-src"] == rules["connect-src"] == rules["style-src"] == "'self'"
        assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
        for path in PAGES:
            assert shop.call("GET", path).status == 200
        assert "immutable" in shop.call("GET", next(p for p in PAGES if "/assets/" in p)).headers["cache-control"]
        assert shop.call("GET", "/console/nothing").status == 401


def test_no_path_leads_out_of_the_console(open_shop: Shop) -> None:
    for path in ("/console/../settings.py", "/console/%2e%2e/settings.py", "/console//etc/passwd", "/console/assets/"):
        said = open_shop.call("GET", path)
        assert said.status == 404 and "root" not in str(said.body), path
