"""The default text tower: bags of n-grams beside the language model's vector."""

from motet.model.trunk.text import TextTower
from motet.model.trunk.towers._protocol import TOWERS

TOWERS.register("bag")(TextTower)
