"""Values that declare nothing: placeholders of templates, and denials in the languages that people write them in.

A field that asks for the AI system is often filled in by somebody who used none: `None`, `Keine`, `無し`, `No AI used`,
`Not made with Midjourney`. Such a value is no declaration of AI, so it must never count as one.

The words are those of the larger European languages, Chinese, Japanese, Korean, Arabic, Hebrew, Persian, Hindi, Thai,
Vietnamese, Indonesian and Turkish. Words that are a common part of product names are left out.
"""

from __future__ import annotations

import re
import unicodedata

_LONGEST_VALUE = 400
"""Characters of a value that are compared; a denial is a phrase or a sentence."""


def _fold(value: str) -> str:
    """Return the beginning of a value in compatible characters and without case: `Ｎ／Ａ` is `n/a`."""
    return unicodedata.normalize("NFKC", value[:_LONGEST_VALUE]).casefold()


def _list_words(text: str) -> frozenset[str]:
    return frozenset(_fold(word) for word in text.split())


# Whole values, without case, accents kept, blanks and punctuation removed: `N / A` is `na`.
_EMPTY = _list_words(
    """
    na nan null nil none noneused nonegenerated nothing no not never non nope false off zero empty blank void
    undefined unspecified notspecified unknown notknown unclear notapplicable notavailable notset notused
    notprovided notdisclosed unavailable unassigned missing tbd tba tbc todo tobedetermined tobeconfirmed test
    testing xxx asdf default placeholder keine keiner keines kein nichts nein unbekannt keineangabe keineangaben
    ka entfällt nichtzutreffend nichtbekannt nv aucun aucune rien néant sansobjet so inconnu inconnue
    nonapplicable nonrenseigné nonspécifié pasapplicable ninguno ninguna ningún nada desconocido desconocida
    noaplica noaplicable nohay sindatos nessuno nessuna nessun niente nulla sconosciuto nonapplicabile
    nonutilizzata nonutilizzato nenhum nenhuma não desconhecido nãoaplicável nãoseaplica nunca geen niets nee
    onbekend nvt nietvantoepassing ingen inget inga ingenting nej nei ej okänd okänt ukendt ukjent ejtillämpligt
    ikkerelevant ikkeaktuelt ei eimitään eikäytetty tuntematon eisovellettavissa brak żaden żadna żadne nie
    niedotyczy nieznany nieznane nd žádný žádná žádné žiadny žiadna žiadne ne neznámý neznámé nic nič neuvedeno
    nincs semmi nem egyiksem ismeretlen niciunul niciuna niciun nimic nu fără necunoscut nuseaplică
    yok hiç hiçbiri hayır bilinmiyor belirtilmemiş нет нету никакой никакая никакие ничего неизвестно
    неприменимо нд отсутствует немає ні жоден жодна невідомо няма δενυπάρχει κανένα κανένας καμία όχι άγνωστο 无
    無 没 沒 否 不 没有 沒有 不是 未使用 不使用 未知 不明 不详 不詳 不适用 不適用 暂无 暫無 空 无ai 無ai 非ai
    手工 人工 真人 なし ナシ 無し ない いいえ 該当なし 特になし 未定 未設定 不要 使用なし 使用せず ai不使用 없음
    없다 아니오 아니요 아님 해당없음 미사용 모름 알수없음 사용안함 لا لايوجد لاشيء غيرمعروف بدون غيرمتوفر לא אין
    ללא לאידוע לארלוונטי هیچ ندارد نامشخص नहीं कोईनहीं कोईभीनहीं अज्ञात ไม่ ไม่มี ไม่ทราบ không khôngcó tidakada
    tidak tiada takada nihil nav nėra nenaudota pole puudub brez nema nije ekkert enginn engin cap ningú
    """
)
"""Values that say nothing: not known, not applicable, not yet filled in."""
_NO_SYSTEM = _list_words(
    """
    human humanmade madebyhuman madebyhumans byhand handmade handcrafted manual manually person artist
    photographer photo photograph photography realphoto camera digitalcamera mensch handarbeit foto humain
    humano umano человек 人间 人間 人手 人力 手描き 手绘 手繪 写真 照片 相片 사진 사람 수작업 aisystem
    aisystemused aisystemname nameofaisystem systemname insertaisystem enteraisystem aisystemhere aimodel
    人工創作 人工创作 纯人工 純人工 手作り 人間が撮影 手書き
    modelname aitool toolname prompt aiprompt promptinformation promptwriter
    """
)
"""Values that name no system: a person, a camera, the label of the field itself."""

_MADE_BY_HAND = _list_words(
    """
    100 percent purely only all entirely fully made created drawn painted shot taken captured by with from a an the of
    and on in own my original real actual authentic traditional human humans hand hands person people artist
    photographer photo photos photograph photography picture image camera film work art pencil ink
    watercolour watercolor oil brush painting drawing illustration hand-drawn reine handarbeit foto mensch menschlich
    """
)
"""Words of which a value that says who or what made a picture consists, if that was a person or a camera."""

# Words that negate, in languages that put blanks between words.
_NEGATIONS = _list_words(
    """
    no not none never without neither nor cannot nothing nobody non nil kein keine keiner keinen keinem keines
    keinerlei nicht ohne nie niemals nein aucun aucune sans pas jamais ni ningún ningun ninguno ninguna sin
    nunca jamás tampoco nessun nessuna nessuno senza nenhum nenhuma sem não nao geen niet zonder nooit nee ingen
    inget inga inte aldrig utan ikke aldri uten uden nej nei ikkje ei eivät ilman eikä brak bez żaden żadna
    żadne żadnej żadnego nigdy žádný žádná žádné žádnou žádného žiadny žiadna žiadne není nebyl nebyla nebylo
    nikdy nepoužit nepoužita nepoužito nepoužívá neobsahuje nem nincs nincsen nélkül soha nu fără niciun nicio
    niciodată yok değil olmadan hiçbir hayır kullanılmadı kullanılmamıştır kullanılmamış yapılmadı нет не без
    никакой никаких никакие никогда ни немає жодного жодних няма όχι δεν χωρίς κανένα καμία κανένας ποτέ لا لم
    ليس ليست بدون دون غير لن אין לא ללא בלי מבלי هیچ نه نشده ندارد نیست không chưa chẳng tidak tanpa bukan belum
    tiada nav nėra brez nema nije ekki
    """
)
_NEGATING_PREFIXES = _list_words("no non not nicht pas")
"""Words that also negate as the first part of another."""
_CONTRACTIONS = re.compile(r"\w+n['’]t\b|\bn['’](?:a|est|ont|y)\b", re.IGNORECASE)
"""`wasn't`, `didn't`; `n'a pas`, `n'est`."""
_NUMBERED = re.compile(r"\bno\.? ?\d", re.IGNORECASE)
_NOT_ONLY = re.compile(r"\b(?:not (?:only|just)|nicht nur|pas seulement|no s[oó]lo|non solo|não só|niet alleen)\b")
"""Negations that say more and not less: `Nicht nur Firefly, auch Midjourney`."""
_FREE_OF_AI = re.compile(
    r"\bno-?ai\b|\bai[ -]free\b|\bfree (?:of|from) (?:any )?ai\b|\bw/o\b|\b0 ?% ?ai\b|\bki-?frei\b|[🚫❌✗✘]"
)
"""Denials without a word of negation."""
_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_REFERENCE_TEXT = re.compile(r"\(ref20\d\d\.\d\)\s*\Z")
"""How all texts in the reference pictures of the IPTC end, in which every field is filled in: `… (ref2025.1)`."""
_YES = _list_words(
    "yes y true ja oui sí si sim da да так tak ano áno igen evet ναι 是 有 はい 예 네 نعم כן हाँ ใช่ có ya"
)
# Scripts that put no blanks between words, or whose vowel signs are no letters to `re`. Only what is not also a part of
# names: `无界`, `未来` and `不二` are.
_NEGATING_PHRASES = re.compile(
    r"没有|沒有|未使用|未采用|未採用|不使用|未用|没用|沒用|未经|未經|不含|不是|不属|不屬|不涉及|未涉及|並非|并非|"
    r"[非无無][ 　]?(?:ai|人工智[能慧]|生成)|[无無]任[何]|"
    r"なし|無し|ません|ない|せず|わず|無生成|"
    r"없|않|아니|아님|미사용|안 ?[했함씀]|"
    r"नहीं|बिना|ไม่|มิได้",
    re.IGNORECASE,
)
_GENERATOR = re.compile(
    r"midjourney|dall|firefly|stable ?diffusion|sdxl|\bsd ?[123x]|flux|gemini|imagen|chatgpt|gpt|ideogram|leonardo|"
    r"runway|\bsora|kling|\bpika|novelai|comfyui|automatic1111|invoke|fooocus|recraft|suno|udio|copilot|grok|veo\b|"
    r"nano ?banana|seedream|qwen|hunyuan|wan ?2|luma|photoshop|canva|craiyon|nightcafe|playground|krea|reve\b|designer",
    re.IGNORECASE,
)
"""Names of well-known generators. They only tell which word of a value is the name; any other name counts as well."""
_USE = re.compile(
    r"\bus(?:e|ed|ing)\b|made|creat|generat|involv|employ|appl(?:y|ied)|produc|verwend|benutz|einge ?setzt|genutzt|"
    r"erstellt|erzeugt|utilis|utiliz|usad|usat|cré|genera|gebruik|gemaakt|använd|brukt|brugt|käyt|uży|wykorzyst|použi|"
    r"használ|folosi|kullan|использ|примен|создан|використ|χρησιμοπο|使用|利用|用い|制作|生成|作|사용|이용|استخد|שימוש|"
    r"उपयोग|ใช้|dùng|sử dụng|guna|pakai",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;.!?|/()\[\]{}\n\r–—，、。；！？（）]|\s-\s")
_ABOUT_AI = re.compile(
    r"\bai\b|\bki\b|\bia\b|\ba\.i\.|\bии\b|\bші\b|artificial|künstlich|artificiel|artificial|sztuczn|umel|искусствен|"
    r"人工智|人工知能|인공지능|ปัญญาประดิษฐ์|prompt|промпт|プロンプト|提示[词詞]|프롬프트|generat|génér|gener|生成|생성",
    re.IGNORECASE,
)
_LONGEST_DENIAL = 16
"""Words of the longest clause that is taken for a denial of a prompt; a real prompt may say what shall not be shown."""


def is_placeholder(value: str) -> bool:
    """Whether a value is empty or one of the words with which people and templates fill a field that does not apply."""
    words = _compact(value)
    return not words or words in _EMPTY or bool(_REFERENCE_TEXT.search(value[:_LONGEST_VALUE]))


def names_no_system(value: str) -> bool:
    """Whether a value of a field for an AI system names none: a placeholder, a denial, a person or a camera."""
    if is_placeholder(value) or _is_number(value) or _compact(value) in _NO_SYSTEM:
        return True
    # A remark in brackets explains and names nothing: `N/A (photograph)`.
    main = _REMARK.sub("", value[:_LONGEST_VALUE]).strip()
    if main and main != value.strip():
        return names_no_system(main) or is_denial(value)
    words = re.findall(r"\w+", _fold(value))
    return is_denial(value) or all(word in _MADE_BY_HAND for word in words)


def is_no_prompt(value: str) -> bool:
    """Whether a value of a field for a prompt holds none: a placeholder, or a sentence that there was none, or no AI.

    A prompt may contain negations of its own, such as `a street, no people`: only one about AI or prompts counts.
    """
    return is_placeholder(value) or _is_number(value) or any(map(_denies_prompt, _CLAUSE_END.split(_fold(value))))


def is_bare_consent(value: str) -> bool:
    """Whether a value only says yes."""
    return _compact(value) in _YES


def is_denial(value: str) -> bool:
    """Whether a value says that no AI was used, rather than which.

    A negation counts unless it stands behind the name of a generator and is about something else:
    `Midjourney 6.1, no retouching` names a generator, `No Midjourney` and `Midjourney was not used` do not.
    """
    # `No. 5` is a number and no negation; the full stop in it ends no clause.
    text = _NOT_ONLY.sub("#", _NUMBERED.sub("#", _fold(value)))
    if _FREE_OF_AI.search(text):
        return True
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause.strip()]
    has_generator = bool(_GENERATOR.search(text))
    for number, clause in enumerate(clauses):
        # `AI? No`: an answer of its own denies, unless a generator is named before it.
        if _compact(clause) in _EMPTY and not has_generator:
            return True
        if _negates_use(clause, is_first=number == 0):
            return True
    return False


def _denies_prompt(clause: str) -> bool:
    is_short = len(clause.split()) <= _LONGEST_DENIAL
    return is_short and _find_negation(clause) is not None and bool(_ABOUT_AI.search(clause))


def _negates_use(clause: str, *, is_first: bool) -> bool:
    negation = _find_negation(clause)
    if negation is None:
        return False
    generator = _GENERATOR.search(clause)
    is_about_use = bool(_USE.search(clause) or _ABOUT_AI.search(clause))
    if generator is None:
        # Behind the first clause a negation can be about anything: `Own model, not published`.
        return is_first or is_about_use
    # The negation comes first, ends the clause, or is about the use: `No Midjourney`, `Midjourney: none`.
    is_before = negation < generator.start()
    return is_before or _compact(clause[negation:]) in _EMPTY or bool(_USE.search(clause))


def _find_negation(clause: str) -> int | None:
    """Return where the first negation of a clause begins; None without one."""
    found = [match.start() for match in (_CONTRACTIONS.search(clause), _NEGATING_PHRASES.search(clause)) if match]
    # `sin-city` is a name; `no-ai` and `non-generative` are not.
    for match in re.finditer(r"\w+(?:-\w+)*", clause):
        first = match[0].partition("-")[0]
        if match[0] in _NEGATIONS or first in _NEGATING_PREFIXES:
            found.append(match.start())
    return min(found, default=None)


def _is_number(value: str) -> bool:
    return _compact(value).isdecimal()


def _compact(value: str) -> str:
    # By the category of each letter, because `\w` leaves out the vowel signs of Hindi and Thai.
    return "".join(letter for letter in _fold(value) if unicodedata.category(letter)[0] in "LMN")
