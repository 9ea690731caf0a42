import pytest
import torch

from motet.errors import ProjectError
from motet.model.device import choose_device, devices


def test_the_processor_is_always_there():
    assert choose_device("cpu") == torch.device("cpu")
    assert str(choose_device("auto")) in devices()


@pytest.mark.parametrize("name", ["foo", "cuda:9999", "meta", "", "cpu:x"])
def test_what_is_not_there_is_answered_with_what_is(name):
    with pytest.raises(ProjectError, match="cpu") as caught:
        choose_device(name)
    assert "auto" in caught.value.remedy


def test_numbered_devices_have_names_of_their_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert {"cuda", "cuda:0", "cuda:1"} <= set(devices())
    assert choose_device("cuda:1").index == 1
    with pytest.raises(ProjectError, match="cuda:1"):
        choose_device("cuda:2")
