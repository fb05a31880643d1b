"""Receipts: the words with which a resident can withdraw. Pure; only a keyed hash is ever kept.

Six of 256 words hold 48 bits of chance. The words are short Dutch names of things that can be drawn, and
every two of them differ in at least two letters, so that a slip of the pen makes no other word. They
stay the same in every language.
"""

import re
import unicodedata
from random import Random
from typing import Literal

from survey.sealing import keyed_hash

LENGTH = 6

_LIST = """
aap aardbei adelaar ananas anker appel asperge auto avocado baard badeend bakker balkon banaan bank bed
beer berg beschuit bezem bijenkorf bijl blad bloem boek boom bord bos brief bril brood brug bureau
cactus camera cello cirkel citroen clown dak deken deur dijk dolfijn doos dorp douche draad druif drum
duim dweil eend eland emmer engel erwt ezel fiets film fles fluit fontein forel fornuis framboos gans
garage gebak geit gieter giraf gitaar glas gordijn goud grot haai hamer hand hark haven helm herfst hert
hoed honing hooi horloge hotel huis hut iglo ijsje inkt jager jas jeep jongleur jurk kaars kabel kameel
kano kapper kar kegel kelder kerk kikker kip klok knoop koe koffer kokosnoot konijn kraan krab kwast
ladder lamp lantaarn leeuw lepel libel lift lijm linde lucifer luik maan mais markt mast matras melk
meloen mes mier mol molen motor muts muur naald nacht nest neus neushoorn noot oase olifant orgel otter
oven paleis palm pan papier paraplu parel peen perzik piano piloot pinda pinguin pizza plank pomp poort
potlood pruim puzzel raam radijs radio raket regen rivier robot rots rugzak rups salade schaap schelp
schip school sjaal slak slang sleutel sneeuw soep spiegel spin sprookje ster stoel storm straat strand
strik suiker taart tafel tapijt tijger toeter toren touw tram trein trommel trui tuin tulp uil vaas valk
varken venster vijver vis vlag vleugel vlieger vlinder vloer voet vogel vork wagen walvis water wekker
wesp wiel wijn winkel wolf worst wortel zaag zadel zebra zee zeil zilver zolder zon zout zwaan zwembad
"""

WORDS = tuple(_LIST.split())

ReceiptMistake = Literal["empty", "unknown_word", "wrong_length"]

_KNOWN = frozenset(WORDS)


def make(random: Random) -> str:
    """A new receipt, words with spaces between. `random` must be a `random.SystemRandom` outside tests."""
    return " ".join(random.choice(WORDS) for _ in range(LENGTH))


def normalise(typed: str) -> str:
    """What a resident typed, in small letters, with one space between words and nothing else."""
    letters = unicodedata.normalize("NFKD", typed).casefold()
    return " ".join(
        re.findall(r"[a-z]+", "".join(char for char in letters if not unicodedata.combining(char)))
    )


def mistake(receipt: str) -> ReceiptMistake | None:
    """What is wrong with a normalised receipt; None when it can have been given out."""
    words = receipt.split()
    if not words:
        return "empty"
    if not _KNOWN.issuperset(words):
        return "unknown_word"
    return None if len(words) == LENGTH else "wrong_length"


def receipt_hash(receipt: str, secret: bytes) -> bytes:
    """What a response keeps of a normalised receipt."""
    return keyed_hash(secret, "receipt", receipt.encode())
