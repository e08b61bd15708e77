"""What somebody typed, taken apart: words, "phrases", -minus and field:word. Any text is a fit query.

Words are compared folded: without case, accents and signs. `fold` is also how names and texts enter the index, so that
both engines see nothing but words with single spaces between.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

LONGEST: Final = 300
"""Characters of a query that are looked at."""

MOST_TERMS: Final = 16

FIELDS: Final = {
    "title": "title",
    "alias": "aliases",
    "domain": "domain",
    "collection": "collection",
    "keyword": "keywords",
}
"""What may stand before a colon, and the column of the index in which the word then has to occur."""

# PostgreSQL's english.stop: what its index leaves out is no reason for the other engine to look at every row.
_STOP_WORDS: Final = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
it its itself they them their theirs themselves what which who whom this that these those am is are was were be
been being have has had having do does did doing a an the and but if or because as until while of at by for with
about against between into through during before after above below to from up down in out on off over under
again further then once here there when where why how all any both each few more most other some such no nor not
only own same so than too very s t can will just don should now
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())

# What questions in one's own words have besides, and texts only by chance: contractions as telephones write them. And
# "vs", and "us", which one engine takes for "use".
_SLIGHT_WORDS: Final = """
us dont doesnt didnt cant couldnt wont wouldnt shouldnt isnt arent wasnt werent hasnt havent hadnt
im ive youre youve theyre theyve weve thats whats whos theres vs versus
"""
_SLIGHT: Final = frozenset(_SLIGHT_WORDS.split())
_CONTRACTED: Final = re.compile(r"\b(?:\w*n['’ʼ]t|(\w+)['’ʼ](?:s|re|ve|ll|d|m))\b", re.I)
"""“Won't”, of which nothing is left that says something, or “they're” and what it contracts."""

_NOT_WORDS: Final = re.compile(r"[\W_]+")
_APART: Final = re.compile(r"[\s()\[\]{}<>,;/|&+=]+")
# A phrase may lack its end, while somebody types.
_TERM: Final = re.compile(r'(?P<minus>-)?(?:(?P<field>[A-Za-z]+):\s*)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')
# As telephones write them.
_QUOTATION_MARKS: Final = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_MINUS: Final = re.compile(r"(?<!\S)[–−](?=\S)")


def fold(text: str) -> str:
    """A text as it is compared: lower case, no accents, every run of other signs one space.

    >>> fold("Café-Crème: 2nd_try!")
    'cafe creme 2nd try'
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        # Looked at once for each different sign: a body has tens of thousands, of some hundred kinds.
        marks = {ord(sign): None for sign in set(decomposed) if unicodedata.combining(sign)}
        text = decomposed.translate(marks) if marks else decomposed
    return _NOT_WORDS.sub(" ", text.lower()).strip()


def name_form(name: str) -> str:
    """A name as it is compared; one of signs alone ("★") as it stands."""
    return fold(name) or " ".join(name.replace("\0", " ").split())


class Term(NamedTuple):
    """Words that have to follow each other. column: where, "" for anywhere."""

    words: tuple[str, ...]
    column: str = ""

    @property
    def is_stop_word(self) -> bool:
        """Whether every text has it."""
        return STOP_WORDS.issuperset(self.words)


class Query(NamedTuple):
    """A query. name: its words and phrases, as names are compared. Stop words are in names and phrases only.

    Words that say hardly more than those do are terms only where there is nothing else.
    """

    typed: str
    name: str
    terms: tuple[Term, ...]
    fields: tuple[Term, ...]
    excluded: tuple[Term, ...]

    @property
    def is_plain(self) -> bool:
        return not (self.fields or self.excluded)

    @property
    def is_words(self) -> bool:
        """Whether nothing is asked but that words occur."""
        return self.is_plain and all(len(term.words) == 1 for term in self.terms)

    def loosened(self) -> Query:
        """The same words, wherever and however they stand; what is to be left out is so still."""
        words = (Term((word,)) for word in self.words)
        return self._replace(terms=tuple(term for term in words if not term.is_stop_word)[:MOST_TERMS], fields=())

    @property
    def words(self) -> tuple[str, ...]:
        """Each word that is looked for, once."""
        return tuple(dict.fromkeys(word for term in (*self.terms, *self.fields) for word in term.words))


def parse(typed: str) -> Query:
    """Take a query apart. Raises nothing; an unknown field, `*` or `NEAR` are text."""
    typed = " ".join(typed.replace("\0", " ").split())[:LONGEST].strip()
    plain = _MINUS.sub("-", typed.translate(_QUOTATION_MARKS))
    found: dict[str, dict[Term, None]] = {"terms": {}, "fields": {}, "excluded": {}}
    slight: dict[Term, None] = {}
    named: list[str] = []
    for match in _TERM.finditer(plain):
        column = FIELDS.get((match["field"] or "").lower(), "")
        said = match["word"] if match["phrase"] is None else match["phrase"]
        if match["field"] and not column:
            said = f"{match['field']} {said}"
        kind = "excluded" if match["minus"] else "fields" if column else "terms"
        # A phrase hangs together. What a hyphen, a dot or an apostrophe joins does so too where it is to be left out or
        # in one field; else one writes "decision-making" and another "the making of decisions".
        for part in [said] if match["phrase"] is not None else _APART.split(said):
            if kind == "terms":
                named.append(part)
            is_apart = kind == "terms" and match["phrase"] is None
            folded = tuple(fold(_CONTRACTED.sub(r"\1 ", part) if is_apart else part).split())
            for words in [(word,) for word in folded] if is_apart else [folded[:MOST_TERMS]]:
                term = Term(words, column)
                if words and not term.is_stop_word:
                    (slight if is_apart and _SLIGHT.issuperset(words) else found[kind])[term] = None
    found["terms"] = found["terms"] or slight
    terms, fields, excluded = (tuple(found[kind])[:MOST_TERMS] for kind in ("terms", "fields", "excluded"))
    return Query(typed, name_form(" ".join(named)), terms, fields, excluded)
