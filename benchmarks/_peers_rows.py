"""The peers' side of peers_rows.py: one model, trained on exported arrays in the peers' own environment.

    python _peers_rows.py METHOD ROWS.npz SEED PREDICTIONS.npy

Knows nothing of Motet. Prints a JSON line with CPU seconds of training (early stopping included) and the number of
parameters (for LightGBM: of trees), and saves the test predictions, (rows, tasks).
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import time

import numpy as np

TRAIN, VALID, TEST = 0, 1, 2
CODE_WIDTH, BATCH, EPOCHS, PATIENCE = 8, 1024, 20, 3
EXPERT = {"dims": [128, 64], "dropout": 0.2}
TOWER = [32]
ADAM = {"lr": 1e-3, "weight_decay": 1e-5}


class Rows:
    """What peers_rows.py exported: numbers_nF, codes_nC, sizes_C, labels_nT, part_n."""

    def __init__(self, path):
        for name, array in np.load(path).items():
            setattr(self, name, array)
        self.numbers = [f"number_{k}" for k in range(self.numbers_nF.shape[1])]
        self.codes = [f"code_{k}" for k in range(self.codes_nC.shape[1])]
        self.tasks = [f"task_{k}" for k in range(self.labels_nT.shape[1])]

    def scaled(self):
        """The numbers as networks like them: logarithms of their size, standardised on the training rows."""
        known = np.nan_to_num(self.numbers_nF)
        value = np.sign(known) * np.log1p(np.abs(known))
        train = value[self.part_n == TRAIN]
        return ((value - train.mean(0)) / np.maximum(train.std(0), 1e-6)).astype(np.float32)

    def columns(self, part):
        """One array per column, as the multi-task libraries take them."""
        inside, scaled = self.part_n == part, self.scaled()
        found = {name: scaled[inside, k] for k, name in enumerate(self.numbers)}
        return found | {name: self.codes_nC[inside, k].astype(np.int64) for k, name in enumerate(self.codes)}


def lightgbm(rows, seed):
    """One model per task; stops on the validation rows' log-loss."""
    import lightgbm as lgb
    import pandas as pd

    frame = pd.concat(
        [
            pd.DataFrame(rows.numbers_nF, columns=rows.numbers),
            pd.DataFrame(rows.codes_nC, columns=rows.codes).astype("category"),
        ],
        axis=1,
    )
    train, valid, test = (frame[rows.part_n == part] for part in (TRAIN, VALID, TEST))
    answers, trees = [], 0
    for label_n in rows.labels_nT.T:
        model = lgb.LGBMClassifier(
            n_estimators=1500,
            learning_rate=0.03,
            min_child_samples=50,
            subsample=0.8,
            subsample_freq=1,
            colsample_bytree=0.5,
            cat_smooth=20,
            random_state=seed,
            n_jobs=1,
            verbose=-1,
        )
        model.fit(
            train,
            label_n[rows.part_n == TRAIN],
            eval_set=[(valid, label_n[rows.part_n == VALID])],
            eval_metric="binary_logloss",
            callbacks=[lgb.early_stopping(60, verbose=False)],
        )
        answers.append(model.predict_proba(test)[:, 1])
        trees += model.best_iteration_
    return np.stack(answers, axis=1), trees


def rechub(kind, rows, seed):
    """torch-rechub: stops on the first task's AUC, as its trainer does."""
    import torch
    from torch.utils.data import DataLoader
    from torch_rechub.basic.features import DenseFeature, SparseFeature
    from torch_rechub.models.multi_task import MMOE, PLE
    from torch_rechub.trainers import MTLTrainer
    from torch_rechub.utils.data import DataGenerator, PredictDataset

    torch.manual_seed(seed)
    features = [DenseFeature(name) for name in rows.numbers]
    features += [
        SparseFeature(name, vocab_size=int(size), embed_dim=CODE_WIDTH)
        for name, size in zip(rows.codes, rows.sizes_C, strict=True)
    ]
    kinds, towers = ["classification"] * len(rows.tasks), [{"dims": TOWER} for _ in rows.tasks]
    model = (
        MMOE(features, kinds, 4, EXPERT, towers) if kind == "mmoe" else PLE(features, kinds, 1, 2, 1, EXPERT, towers)
    )
    parts = [(rows.columns(part), rows.labels_nT[rows.part_n == part]) for part in (TRAIN, VALID, TEST)]
    (x, y), (x_valid, y_valid), (x_test, y_test) = parts
    given = DataGenerator(x, y).generate_dataloader(
        x_val=x_valid, y_val=y_valid, x_test=x_test, y_test=y_test, batch_size=BATCH
    )
    trainer = MTLTrainer(
        model,
        kinds,
        optimizer_params=dict(ADAM),
        n_epoch=EPOCHS,
        earlystop_taskid=0,
        earlystop_patience=PATIENCE,
        model_path=".",
    )
    trainer.fit(given[0], given[1])
    return np.asarray(trainer.predict(trainer.model, DataLoader(PredictDataset(x_test), batch_size=4096))), _count(
        model
    )


def nextrec(kind, rows, seed):
    """NextRec: stops on the metric that its trainer watches by default."""
    import pandas as pd
    import torch
    from nextrec.basic.features import DenseFeature, SparseFeature
    from nextrec.models.multitask.mmoe import MMOE
    from nextrec.models.multitask.ple import PLE

    torch.manual_seed(seed)
    expert = {"hidden_dims": EXPERT["dims"], "activation": "relu", "dropout": EXPERT["dropout"]}
    common = {
        "dense_features": [DenseFeature(name) for name in rows.numbers],
        "sparse_features": [
            SparseFeature(name, vocab_size=int(size), embedding_dim=CODE_WIDTH)
            for name, size in zip(rows.codes, rows.sizes_C, strict=True)
        ],
        "tower_mlp_params_list": [{"hidden_dims": TOWER, "activation": "relu"} for _ in rows.tasks],
        "target": rows.tasks,
        "task": ["binary"] * len(rows.tasks),
        "device": "cpu",
        "session_id": "peers",
    }
    if kind == "mmoe":
        model = MMOE(expert_mlp_params=expert, num_experts=4, **common)
    else:
        model = PLE(
            shared_expert_mlp_params=expert,
            specific_expert_mlp_params=[expert] * len(rows.tasks),
            num_shared_experts=1,
            num_specific_experts=2,
            num_levels=1,
            **common,
        )
    frames = {}
    for part in (TRAIN, VALID, TEST):
        frames[part] = pd.DataFrame(rows.columns(part))
        if part != TEST:
            frames[part][rows.tasks] = rows.labels_nT[rows.part_n == part]
    model.compile(optimizer="adam", optimizer_params=dict(ADAM), loss=["bce"] * len(rows.tasks))
    model.fit(
        train_data=frames[TRAIN],
        valid_data=frames[VALID],
        metrics=["auc", "logloss"],
        epochs=EPOCHS,
        batch_size=BATCH,
        early_stop_patience=PATIENCE,
        use_tensorboard=False,
    )
    return np.asarray(model.predict(frames[TEST], batch_size=4096, return_dataframe=False), float), _count(model)


def _count(model):
    return sum(parameter.numel() for parameter in model.parameters())


METHODS = {
    "lightgbm": lightgbm,
    "rechub_mmoe": lambda rows, seed: rechub("mmoe", rows, seed),
    "rechub_ple": lambda rows, seed: rechub("ple", rows, seed),
    "nextrec_mmoe": lambda rows, seed: nextrec("mmoe", rows, seed),
    "nextrec_ple": lambda rows, seed: nextrec("ple", rows, seed),
}


def main():
    method, path, seed, out = sys.argv[1:]
    rows, out = Rows(path), os.path.abspath(out)
    if method != "lightgbm":
        import torch

        torch.set_num_threads(1)
    # the libraries leave logs and checkpoints where they stand, and draw progress bars
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        began = time.process_time()
        score_nT, size = METHODS[method](rows, int(seed))
        seconds = time.process_time() - began
    np.save(out, score_nT.astype(np.float32))
    print(json.dumps({"cpu_seconds": round(seconds, 1), "parameters": int(size)}))


if __name__ == "__main__":
    main()
