"""Tells telephone numbers and addresses."""

import pyarrow as pa

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.meanings.facts import Facts, share_matching

_PHONE_NAMES = r"(?:전화|휴대폰|휴대전화|핸드폰|팩스)(?:번호)?|연락처|fax|tel|phone"
_PHONE = r"^\+?(?:82[- .]?)?\(?[0-9]{2,5}\)?[-–~. )]*(?:[0-9]{3,4}[-–. ]*)?[0-9]{4}(?:[^0-9].*)?$"
_ADDRESS_NAMES = r"주소|소재지|소재지도로명|소재지지번|address|addr"
_ADDRESS = (
    r"^(?:\([0-9-]{5,7}\) ?)?"
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충청?[북남]|전라?[북남]|경상?[북남]|제주)\S* .*"
    r"(?:[동리가로길] ?(?:산 ?)?[0-9]|[0-9]번지)"
)
_NEARLY_ALL = 0.8


def is_phone(name: str, texts: pa.Array) -> bool:
    """Tells whether texts are telephone numbers, by the name and by their looks: `0531234567` is none to add up."""
    facts = Facts(name, ColumnKind.TEXT, "", texts)
    return facts.ends_with(_PHONE_NAMES) and share_matching(facts.texts, _PHONE) >= _NEARLY_ALL


def find_contact(facts: Facts) -> Meaning | None:
    """Returns PHONE or ADDRESS for texts that look so; those of addresses need no name."""
    if facts.kind is not ColumnKind.TEXT or not len(facts.values):
        return None
    if is_phone(facts.name, facts.values):
        return Meaning.PHONE
    if facts.ends_with(_ADDRESS_NAMES):
        return Meaning.ADDRESS if share_matching(facts.texts, r"\S \S") >= _NEARLY_ALL else None
    return Meaning.ADDRESS if share_matching(facts.texts, _ADDRESS) >= _NEARLY_ALL else None
