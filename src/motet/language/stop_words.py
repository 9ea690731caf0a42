"""Words that say little by themselves, English and Chinese. Negations and degrees stay: reviews turn on them."""

from __future__ import annotations

_ENGLISH = """
a an the this that these those here there and or but if then than as of at by for with from into onto to in on over
about i you he she it we they me him her us them my your his its our their mine yours ours theirs myself yourself
itself who whom whose which what when where am is are was were be been being do does did doing have has had having
will would shall should can could may might must also i'm i've i'd it's that's there's
"""
_CHINESE = """
的 了 是 在 我 你 您 他 她 它 我们 你们 他们 她们 它们 这 那 这个 那个 这些 那些 这里 那里 哪 哪个 什么 谁
和 与 及 以及 或 或者 而 而且 并 并且 但 但是 因为 所以 如果 就 也 都 又 把 被 给 对 对于 关于 从 向 到 由 于 之 其
着 过 地 得 个 一个 啊 呀 吧 呢 吗 嘛 哦 哈
"""
STOP_WORDS = frozenset(_ENGLISH.split()) | frozenset(_CHINESE.split())
