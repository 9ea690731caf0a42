"""The peers' side of peers_next_item.py: RecTools' transformer on exported events, in an environment of its own.

    python _peers_next_item.py EVENTS.npz SETTINGS.json RANKS.npy

Knows nothing of Motet. EVENTS holds user, item and part (0 train, 1 validation, 2 test) in the order of each user's
history. After every few passes the questions of validation and test are answered; a JSON line on standard error tells
how it goes. Stops when validation has not got better for a while, and prints the whole way as JSON: CPU seconds of
training alone, and ndcg@10 of both. RANKS are those of the test items at the best validation pass, 10 where an item is
not among the first ten.
"""

import json
import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd

TRAIN, VALID, TEST = 0, 1, 2
LIST = 10


def frame_of(events, inside):
    """Return the chosen events as RecTools takes them: the place in the history stands for the moment."""
    place = pd.Series(events["user"]).groupby(events["user"]).cumcount().to_numpy()
    moment = pd.Timestamp("2000-01-01") + pd.to_timedelta(place, unit="D")
    whole = pd.DataFrame({"user_id": events["user"], "item_id": events["item"], "weight": 1.0, "datetime": moment})
    return whole[inside]


def ranks_of(model, dataset, asked):
    """Return the rank of each asked item, LIST where it is not on the user's list."""
    users = np.intersect1d(asked["user_id"].unique(), dataset.user_id_map.external_ids)
    listed = model.recommend(users=users, dataset=dataset, k=LIST, filter_viewed=True)
    hits = asked.reset_index(drop=True).reset_index().merge(listed, on=["user_id", "item_id"])
    rank_n = np.full(len(asked), LIST, np.int64)
    rank_n[hits["index"].to_numpy()] = hits["rank"].to_numpy() - 1
    return rank_n


def ndcg(rank_n):
    """Return ndcg@10 of questions with one answer."""
    return float(np.where(rank_n < LIST, 1.0 / np.log2(rank_n + 2.0), 0.0).mean())


def model_of(settings):
    """Return RecTools' SASRec with the layers of LiGR, which with a sampled softmax is eSASRec."""
    import torch
    from pytorch_lightning import Trainer, seed_everything
    from rectools.models import SASRecModel
    from rectools.models.nn.transformers.ligr import LiGRLayers

    torch.set_num_threads(settings["threads"])
    seed_everything(settings["seed"], verbose=False)
    return SASRecModel(
        n_blocks=settings["blocks"],
        n_heads=settings["heads"],
        n_factors=settings["width"],
        dropout_rate=settings["dropout"],
        session_max_len=settings["history"],
        loss="sampled_softmax",
        n_negatives=settings["negatives"],
        lr=settings["rate"],
        batch_size=settings["batch"],
        epochs=settings["epochs"],
        transformer_layers_type=LiGRLayers,
        recommend_torch_device="cpu",
        get_trainer_func=lambda: Trainer(
            max_epochs=settings["epochs"],
            accelerator="cpu",
            enable_checkpointing=False,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        ),
    )


def main():
    from rectools.dataset import Dataset

    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    events = dict(np.load(sys.argv[1]))
    with open(sys.argv[2]) as file:
        settings = json.load(file)
    known, held = Dataset.construct(frame_of(events, events["part"] == TRAIN)), events["part"]
    history = Dataset.construct(frame_of(events, held <= VALID))
    valid, test = (frame_of(events, held == part)[["user_id", "item_id"]] for part in (VALID, TEST))
    model, way, seconds, best = model_of(settings), [], 0.0, None
    while len(way) * settings["every"] < settings["epochs"]:
        began = time.process_time()
        model.fit_partial(known, min_epochs=settings["every"], max_epochs=settings["every"])
        seconds += time.process_time() - began
        rank_n = ranks_of(model, history, test)
        way.append(
            {
                "passes": (len(way) + 1) * settings["every"],
                "cpu_seconds": round(seconds, 1),
                "valid": round(ndcg(ranks_of(model, known, valid)), 5),
                "test": round(ndcg(rank_n), 5),
            }
        )
        print(json.dumps(way[-1]), file=sys.stderr, flush=True)
        if best is None or way[-1]["valid"] > best["valid"]:
            best = way[-1]
            np.save(sys.argv[3], rank_n)
        late = (way[-1]["passes"] - best["passes"]) // settings["every"] >= settings["patience"]
        if late or seconds > 60 * settings["cpu_minutes"]:
            break
    size = sum(each.numel() for each in model.torch_model.parameters())
    print(json.dumps({"way": way, "parameters": size}))


if __name__ == "__main__":
    main()
