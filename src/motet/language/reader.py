"""A language model that is trained: the frozen one, with places for weights that others keep.

The weights that are learned come in at every call and belong to the caller, so that any number of models (twins, the
joint model, teachers) train over one copy of the language model. `lora` puts low-rank adapters beside linear layers
(Hu et al. 2022, arXiv:2106.09685), made by peft; `full` adds a difference to every weight, zero at the start, so that
weight decay pulls towards the model as it came (Li et al. 2018, arXiv:1802.01483).

Shapes: n texts, B texts in a batch, T tokens, D width.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from motet.errors import MissingExtra, ProjectError
from motet.language.encoders import Encoder
from motet.language.encoders._loading import precision
from motet.language.encoders._transformer import TransformerEncoder, batches
from motet.schema import EncoderConfig

if TYPE_CHECKING:
    from torch import Tensor, nn

ADAPTER = "default"
GRAPH_BYTES = 1_000_000_000
"""About so much is kept of a step for the way back; texts beyond it are read once more on the way back instead."""
BYTES_PER_NUMBER = 100
"""About what the way back needs of one token in one layer, by number of the hidden state (34 activations of 2 to 4
bytes; Korthikanti et al. 2022, arXiv:2205.05198)."""


class Reader:
    """Reads texts with a language model and weights that are given.

    encoder: finds it when it is first needed. config: what of it is trained. device: where it is put.
    """

    def __init__(self, encoder: Callable[[], Encoder], config: EncoderConfig, *, device: str = "cpu") -> None:
        self._find, self.config, self._device = encoder, config, device
        self._lock = threading.RLock()

    @cached_property
    def encoder(self) -> TransformerEncoder:
        """The encoder whose model is trained; ProjectError where it has none that could be."""
        return tunable(self._find())

    @cached_property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        """The weights that are learned: their sizes by name."""
        return {name: tuple(weight.shape) for name, weight in self._module.named_parameters() if weight.requires_grad}

    def vectors(self, weights: Mapping[str, Tensor], tokens: Sequence[Sequence[int]], *, training: bool) -> Tensor:
        """Return (n, D) of unit length, zeros for a text without tokens; a gradient reaches the weights.

        weights: by the names in `sizes`. training: with the model's own dropout, and in bfloat16 where the processor
        gains by it; answers are made in 32 bits.
        """
        import torch

        used, shift = self._placed(weights), torch.is_grad_enabled()
        found = torch.zeros(len(tokens), self.encoder.width, device=self._device)
        places, parts, kept = [], [], 0
        for rows in batches([len(ids) for ids in tokens]):
            ids_BT, mask_BT = (torch.from_numpy(each) for each in self.encoder.padded([tokens[row] for row in rows]))
            given = (used, ids_BT.to(self._device), mask_BT.to(self._device), training)
            kept += ids_BT.numel()
            again = shift and kept * self._bytes_per_token > GRAPH_BYTES
            parts.append(self._anew(*given) if again else self._read(*given))
            places.append(torch.from_numpy(rows).to(self._device))
        return found.index_copy(0, torch.cat(places), torch.cat(parts)) if parts else found

    def _placed(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights as the module takes them."""
        if self.config.tune == "lora":
            return dict(weights)
        own = dict(self._module.named_parameters())
        return {name: own[name].detach() + weight for name, weight in weights.items()}

    def _anew(self, *given: Any) -> Tensor:
        """Read without keeping anything for the way back, and once more on it."""
        from torch.utils.checkpoint import checkpoint

        found: Tensor = checkpoint(self._read, *given, use_reentrant=False)
        return found

    def _read(self, weights: dict[str, Tensor], ids_BT: Tensor, mask_BT: Tensor, training: bool) -> Tensor:
        import torch
        from torch.func import functional_call

        kind = precision(self._device)
        small = training and kind is not torch.float32
        with self._lock, torch.autocast(self._device.partition(":")[0], kind) if small else nullcontext():
            if self._module.training != training:
                self._module.train(training)
            asked = {"input_ids": ids_BT, "attention_mask": mask_BT}
            states_BTD = functional_call(self._module, weights, kwargs=asked).last_hidden_state
        pooled_BD = self.encoder.pooled(states_BTD.float(), mask_BT)
        return torch.nn.functional.normalize(pooled_BD, dim=1)

    @cached_property
    def _module(self) -> nn.Module:
        """The language model with places for what is learned: exactly these ask for a gradient."""
        model: Any = self.encoder.module()
        model.config.use_cache = False
        model = model.to(self._device)
        blocks = last_blocks(model, self.config.layers)
        if self.config.tune == "lora":
            return with_adapters(model, blocks, self.config)
        for name, weight in model.named_parameters():
            # a pooler on top of the last states has no part in the vectors
            named = self.config.layers is None or any(name.startswith(f"{block}.") for block in blocks)
            weight.requires_grad_(named and "pooler" not in name)
        return model

    @cached_property
    def _bytes_per_token(self) -> int:
        config: Any = self._module.config
        return int(config.num_hidden_layers * config.hidden_size * BYTES_PER_NUMBER)


def tunable(encoder: Encoder) -> TransformerEncoder:
    """Return the encoder, if it has a language model that can be trained; ProjectError otherwise."""
    if not isinstance(encoder, TransformerEncoder):
        raise ProjectError(
            f"The encoder '{encoder.id.partition(':')[0]}' has no language model that could be trained.",
            'Set tune = "frozen" under [encoder], or name minilm, e5, smollm2, a folder in Hub format or a Hub name.',
        )
    return encoder


def last_blocks(model: nn.Module, count: int | None) -> list[str]:
    """Return the names of the last `count` blocks of a transformer, in order; of all where no number is given."""
    from torch.nn import ModuleList

    stacks = [(name, each) for name, each in model.named_modules() if isinstance(each, ModuleList)]
    if not stacks:
        raise ProjectError("This language model has no blocks that could be trained.", "Choose another, or freeze it.")
    name, stack = max(stacks, key=lambda each: len(each[1]))
    if count is not None and count > len(stack):
        raise ProjectError(
            f"encoder.layers is {count}; the language model has {len(stack)}.", "Give a smaller number, or none."
        )
    return [f"{name}.{place}" for place in range(len(stack) - (count or len(stack)), len(stack))]


def with_adapters(model: Any, blocks: Sequence[str], config: EncoderConfig) -> Any:
    """Return the model with low-rank adapters beside the linear layers of these blocks; all else is frozen.

    Which of them are chosen by `targets`, names such as "query"; without any, all are.
    """
    from torch.nn import Linear

    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise MissingExtra("peft, which adds adapters to language models,", "language") from None
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear) and any(name.startswith(f"{block}.") for block in blocks)
    ]
    chosen = [name for name in linear if not config.targets or name.endswith(tuple(f".{t}" for t in config.targets))]
    known = sorted({name.rpartition(".")[2] for name in linear})
    unmet = [each for each in config.targets if not any(name.endswith(f".{each}") for name in linear)]
    if unmet or not chosen:
        raise ProjectError(
            f"encoder.targets names '{', '.join(unmet)}'; this model's linear layers are: {', '.join(known)}.",
            "Name some of these, or none for all.",
        )
    import torch

    made = LoraConfig(r=config.rank, lora_alpha=config.alpha, lora_dropout=0.0, target_modules=chosen)
    model.requires_grad_(False)
    with torch.random.fork_rng(devices=[]):  # what is drawn here is replaced by what the caller keeps
        inject_adapter_in_model(made, model, adapter_name=ADAPTER)
    return model
