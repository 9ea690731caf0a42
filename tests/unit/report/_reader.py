"""Reading a page back: is it balanced, what does it show, where are its shapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "col"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None]
    children: list = field(default_factory=list)

    def all(self, tag=None, class_=None):
        """Every node below, itself included, of a tag and a class."""
        fits = (tag is None or self.tag == tag) and (class_ is None or class_ in self.classes)
        return ([self] if fits else []) + [
            found for child in self.children if isinstance(child, Node) for found in child.all(tag, class_)
        ]

    def one(self, tag=None, class_=None):
        (found,) = self.all(tag, class_)
        return found

    @property
    def classes(self):
        return (self.attributes.get("class") or "").split()

    @property
    def text(self):
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attributes):
        assert len(attributes) == len(dict(attributes)), f"<{tag}> repeats an attribute"
        node = Node(tag, dict(attributes))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].children.append(Node(tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read_page(page):
    """The page as a tree; an unbalanced one fails."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], f"never closed: {[node.tag for node in reader.open[1:]]}"
    return reader.root


def x_of(node, name="x"):
    """A coordinate in percent."""
    value = node.attributes[name]
    assert value.endswith("%"), value
    return float(value[:-1])
