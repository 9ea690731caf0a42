from torch import nn

from motet.model.names import module_name


def test_a_name_with_dots_fits_torch_and_stays_its_own():
    names = ["a.b", "ab", "a", "friends of friends", "价格"]
    modules = nn.ModuleDict({module_name(name): nn.Identity() for name in names})
    assert len(modules) == len(names)
