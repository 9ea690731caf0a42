"""The model folder as data: named parts, checksums, versions, atomic writes. Knows files, not models."""

from motet.artifact import layout
from motet.artifact.codec import Part
from motet.artifact.folder import Folder, open_folder, read_folder
from motet.artifact.manifest import EncoderInfo, Manifest, PartInfo
from motet.artifact.write import check_target, update_folder, write_folder

__all__ = [
    "EncoderInfo",
    "Folder",
    "Manifest",
    "Part",
    "PartInfo",
    "check_target",
    "layout",
    "open_folder",
    "read_folder",
    "update_folder",
    "write_folder",
]
