"""What a line of text that stands in a picture says: that AI made it, a generator's name, a preview, a slate.

Only a whole line counts. By words alone half of all subtitles about AI would accuse (`It was made with AI, you know.`),
and every denial contains the words of a statement (`No generative AI was used`).
"""

from __future__ import annotations

import enum
import functools
import re
import unicodedata
from collections.abc import Iterable

VERSION = 1
"""Raised when other labels are found, or other lines kept: pictures are then looked at again. See also `labels`."""

CARRIER = "label"
"""Carrier of all statements on text in pictures."""
LINE = "text in the picture"
"""Key of a statement whose line stands in a still, or at one place in nearly all shots of a moving picture."""
LINE_IN_SHOTS = "text in some shots"
"""Key of a statement whose line was read at two times at one place, but not all through the moving picture."""
LINE_ONCE = "text in the picture, read once"
"""Key of a statement whose line was read in a single frame of a moving picture."""
LINES = frozenset({LINE, LINE_IN_SHOTS, LINE_ONCE})
LOOKED = "looked for labels"
"""Key of the statement that says in how much of a file was looked."""

_LOOKED = re.compile(r"(\d{1,9}) of (\d{1,9}) ")
_LONGEST_LINE = 160
"""Characters of a line that is compared."""


class Meaning(enum.Enum):
    """What a line says."""

    STATES = "states"
    """That AI made or changed what is shown."""
    VENDOR = "vendor"
    """The name of a generator, which is nothing else."""
    WEAK_VENDOR = "weak vendor"
    """The name of a generator that is also a name, a place or a thing."""
    STOCK = "stock"
    """The name of a library of stock pictures, as it stands in previews."""
    SLATE = "slate"
    """That something is missing or not final."""
    WEAK_SLATE = "weak slate"
    """The same in a word that also stands on gauges and signs."""


_SAME_LETTER = str.maketrans(
    "l1|0產視頻圖內製創為爲畫慧識與係該採輔術請辨資訊電腦剪輯夢靈說",
    "iiio产视频图内制创为为画能识与系该采辅术请辨资讯电脑剪辑梦灵说",
)
"""Letters that are read for each other (`AI` as `Al`), and Chinese in traditional characters."""


def fold(line: str) -> str:
    """A line without case, accents, blanks and punctuation, and with letters that are read for each other as one."""
    text = unicodedata.normalize("NFKC", line[:_LONGEST_LINE]).casefold()
    letters = [_strip_accent(letter) for letter in text if letter.isalnum() or letter == "|"]
    return "".join(letters).translate(_SAME_LETTER)


def _strip_accent(letter: str) -> str:
    """A Latin letter without its accent; any other as it is."""
    base = unicodedata.normalize("NFKD", letter)[0]
    if base.isascii():
        return base
    return {"ł": "l", "ı": "i", "ø": "o", "ß": "s"}.get(letter, letter)


def _any(text: str) -> str:
    """A pattern for any of some phrases, which are separated by commas."""
    phrases = sorted({fold(phrase) for phrase in text.split(",")}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, phrases))})"


def _join(*patterns: str) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


# Names of generators

_NUMBER = "(?:v?[0-9oi]{1,3})?"
"""A version, folded: `3.0` is `3o`."""
_STRONG_NAMES = _any(
    "KLING AI,可灵AI,即梦AI,Dreamina,Dreamina AI,豆包AI,Hailuo AI,海螺AI,PixVerse,PixVerse AI,HeyGen,Vidu AI,"
    "通义万相,星绘AI,LibLibAI,千问AI,Qwen-Image,元宝AI,腾讯混元,Dola AI,Midjourney,RunwayML,Pika Labs,pika.art,"
    "Luma AI,Stable Diffusion,Viggle AI,viggle.ai,Kaiber AI,kaiber.ai,Synthesia,Craiyon,InVideo AI,Meta AI,文心一格,"
    "OpenAI Sora,Google Veo,Grok Imagine,Seedance,智谱清影,清影AI,hailuoai.video,hailuoai.com,klingai.com"
)
_WEAK_NAMES = _any("Sora,Veo,Runway,Pika,Luma,Grok,Vidu,Kling,Dola,MiniMax,Hailuo,即梦,可灵,海螺,豆包,元宝,千问,百度")
_NAME_TAIL = _NUMBER + _any("pro,turbo,master,plus,omni,fast,image,video") + "?"
_ANY_NAME = f"(?:{_STRONG_NAMES}|{_WEAK_NAMES}){_NAME_TAIL}"

# Statements. Each language: what may stand before, the words themselves, what may follow.

_ENGLISH_WHAT = _any(
    "image,images,picture,pictures,photo,photos,video,videos,clip,footage,content,scene,scenes,film,movie,program,"
    "programme,episode,series,show,audio,music,voice,voices,artwork,art,animation,advertisement,ad,media,visuals,"
    "sequence,sequences,shot,shots,recreation,depiction,dramatization,text,speech"
)
_ENGLISH_PART = _any("portions of,parts of,part of,some,elements of,some parts of,some portions of,certain,sections of")
_ENGLISH_HEAD = (
    f"(?:{_ENGLISH_PART})?{_any('this,these,the,the following,all,in this')}?(?:{_ENGLISH_WHAT})?"
    f"{_any('was,were,is,are,has been,have been,may be,may have been,contains,may contain,includes,features,content')}?"
    f"{_any('partially,partly,fully,entirely,digitally')}?"
)
_ENGLISH_DONE = (
    "generated,created,made,produced,imagined,edited,enhanced,altered,modified,animated,rendered,synthesized,"
    "synthesised,designed,recreated,developed,manipulated"
)
_ENGLISH_AI = (
    _any("generative,the help of,help from,the use of,the assistance of")
    + "{0,2}"
    + _any("AI,artificial intelligence")
    + _any("tools,tool,technology,software,models,model")
    + "?"
)
_ENGLISH = _join(
    f"{_ENGLISH_HEAD}{_any('AI,artificial intelligence,generative AI')}{_any(_ENGLISH_DONE + ',synthetic,assisted')}"
    f"(?:{_ENGLISH_WHAT})?",
    f"{_ENGLISH_HEAD}{_any(_ENGLISH_DONE)}(?:{_any('or,and')}{_any(_ENGLISH_DONE)})?{_any('with,by,using,via,through')}"
    f"{_ENGLISH_AI}",
)

_GERMAN_WHAT = _any(
    "Bild,Bilder,Bildmaterial,Video,Videos,Film,Inhalt,Inhalte,Aufnahme,Aufnahmen,Szene,Szenen,Darstellung,Sequenz,"
    "Sequenzen,Musik,Stimme,Grafik,Foto,Animation,Sendung,Beitrag,Medien,Audio"
)
_GERMAN_HEAD = (
    f"{_any('Teile,Ein Teil,Einige')}?{_any('dieser,dieses,diese,dieser,der,das,die')}?(?:{_GERMAN_WHAT})?"
    f"{_any('wurde,wurden,ist,sind,enthält,enthalten')}?{_any('teilweise,vollständig')}?"
)
_GERMAN_DONE = _any("generiert,erstellt,erzeugt,produziert,bearbeitet,gestaltet,geschaffen,verändert")
_GERMAN_AI = f"{_any('generativer,der Hilfe von,Hilfe von,Hilfe,Unterstützung von,einer')}{{0,2}}" + _any(
    "KI,AI,künstlicher Intelligenz,künstliche Intelligenz"
)
_GERMAN = _join(
    f"{_GERMAN_HEAD}{_any('mit,durch,von')}{_GERMAN_AI}{_GERMAN_DONE}",
    f"{_GERMAN_HEAD}{_GERMAN_DONE}{_any('mit,durch,von')}{_GERMAN_AI}",
    f"{_GERMAN_HEAD}{_any('KI,AI')}{_GERMAN_DONE}{_any('e,er,es,en')}?(?:{_GERMAN_WHAT})?",
)

_FRENCH_WHAT = _any(
    "image,images,photo,photos,vidéo,vidéos,contenu,contenus,séquence,séquences,scène,scènes,film,illustration,"
    "illustrations,plan,plans,voix,musique,visuel,visuels,programme"
)
_FRENCH_HEAD = (
    f"{_any('une partie de,certaines,certains,des parties de')}?{_any('cette,ce,ces,cet,les,la,le,l')}?"
    f"(?:{_FRENCH_WHAT})?{_any('a été,ont été,est,sont')}?{_any('partiellement,entièrement')}?"
)
_FRENCH = _join(
    f"{_FRENCH_HEAD}{_any('généré,créé,réalisé,produit,modifié,conçu,fait')}e?s?"
    f"{_any('par,avec,à l’aide de,à l’aide d’une,grâce à,au moyen de,par une,avec une,via')}i?"
    f"{_any('IA,AI,intelligence artificielle')}{_any('générative')}?"
)

_SPANISH_WHAT = _any(
    "imagen,imágenes,foto,fotos,fotografía,video,vídeo,vídeos,contenido,contenidos,escena,escenas,película,secuencia,"
    "voz,música,material,programa"
)
_SPANISH_HEAD = (
    f"{_any('partes de,parte de,algunas,algunos')}?{_any('esta,este,estas,estos,la,el,las,los')}?(?:{_SPANISH_WHAT})?"
    f"{_any('ha sido,han sido,fue,fueron,es,está,son')}?{_any('parcialmente')}?"
)
_SPANISH = _join(
    f"{_SPANISH_HEAD}{_any('generad,cread,hech,producid,elaborad,realizad,modificad,editad')}[oa]s?"
    f"{_any('con,por,mediante,usando,utilizando,con ayuda de,con el uso de,a través de')}{_any('la,una')}?"
    f"{_any('IA,AI,inteligencia artificial')}{_any('generativa')}?"
)

_ITALIAN_WHAT = _any(
    "immagine,immagini,foto,fotografia,video,contenuto,contenuti,scena,scene,filmato,sequenza,sequenze,voce,musica,film"
)
_ITALIAN_HEAD = (
    f"{_any('parti di,alcune,alcuni')}?{_any('questa,questo,queste,questi,la,il,le,i')}?(?:{_ITALIAN_WHAT})?"
    f"{_any('è stata,è stato,sono state,sono stati,è,sono')}?"
)
_ITALIAN = _join(
    f"{_ITALIAN_HEAD}{_any('generat,creat,realizzat,prodott,modificat,elaborat')}[oaie]"
    f"{_any('con,da,dall,dalla,con la,con l,tramite,mediante,attraverso,utilizzando,usando')}"
    f"{_any('l,la')}?{_any('IA,AI,intelligenza artificiale')}{_any('generativa')}?"
)

_PORTUGUESE_WHAT = _any(
    "imagem,imagens,foto,fotos,vídeo,vídeos,conteúdo,conteúdos,cena,cenas,filme,sequência,voz,música,programa"
)
_PORTUGUESE_HEAD = (
    f"{_any('partes de,parte de,algumas,alguns,partes deste,parte deste')}?{_any('esta,este,estas,estes,a,o,as,os')}?"
    f"(?:{_PORTUGUESE_WHAT})?{_any('foi,foram,é,são')}?"
)
_PORTUGUESE = _join(
    f"{_PORTUGUESE_HEAD}{_any('gerad,criad,feit,produzid,elaborad,modificad')}[oa]s?"
    f"{_any('por,com,pela,usando,utilizando,através de,com o uso de,com uso de,com ajuda de,com a ajuda de')}a?"
    f"{_any('IA,AI,inteligência artificial')}{_any('generativa')}?"
)

_DUTCH_WHAT = _any("beeld,beelden,afbeelding,afbeeldingen,video,inhoud,foto,scène,scènes,film,muziek,stem")
_DUTCH = _join(
    f"{_any('deze,dit,de,het')}?(?:{_DUTCH_WHAT})?{_any('is,zijn,werd,werden')}?"
    f"(?:{_any('gegenereerd,gemaakt,gecreëerd,bewerkt')}{_any('met,door,met behulp van')}"
    f"{_any('AI,kunstmatige intelligentie,generatieve AI')}"
    f"|{_any('met,door')}{_any('AI,kunstmatige intelligentie')}{_any('gegenereerd,gemaakt,gecreëerd,bewerkt')}e?"
    f"(?:{_DUTCH_WHAT})?|{_any('AI gegenereerd,AI gegenereerde')}(?:{_DUTCH_WHAT})?)"
)
_POLISH = _join(
    f"{_any('ten,ta,to,te')}?{_any('obraz,obrazy,film,wideo,treść,treści,materiał,zdjęcie')}?{_any('został,została')}?"
    f"{_any('wygenerowan,stworzon,utworzon')}[yaoe]{_any('przez,za pomocą,z użyciem,przy użyciu')}"
    f"{_any('AI,SI,sztuczną inteligencję,sztucznej inteligencji')}"
)
_TURKISH = _join(
    f"{_any('bu')}?{_any('görsel,video,içerik,görüntü')}?{_any('yapay zeka,yapay zekâ,AI')}{_any('ile,tarafından')}"
    f"{_any('oluşturuldu,oluşturulmuştur,oluşturulan,üretildi,üretilmiştir,yapıldı,hazırlandı')}"
    f"{_any('görsel,video,içerik')}?"
)
_INDONESIAN = _join(
    f"{_any('gambar,video,konten')}?{_any('ini')}?{_any('dibuat,dihasilkan')}{_any('dengan,oleh,menggunakan')}"
    f"{_any('AI,kecerdasan buatan')}"
)

_CHINESE_WHAT = "(?:内容|视频|图片|影像|作品|画面|图像|音频|短片|影片|照片|片段|文案|素材|信息|人物|声音|场景)"
_CHINESE = _join(
    "(?:作者声明|内容标识|声明|提示|温馨提示|说明|标识)?(?:本|此|该|以下|部分|上述|这|片)*"
    f"(?:{_CHINESE_WHAT}){{0,2}}(?:由|为|是|系|疑似|可能|含有|含|包含|使用|采用|利用|借助|通过|均|部分)*"
    f"(?:{_ANY_NAME})?(?:生成式)?(?:ai|人工智能|aigc)(?:辅助|技术|模型|大模型|工具|智能|深度)*"
    "(?:生成合成|生成和合成|生成与合成|生成或合成|生成|合成|制作|创作|绘制|创建)(?:的)?"
    f"(?:{_CHINESE_WHAT}){{0,2}}(?:请?(?:注意|仔细|谨慎|自行)?(?:甄别|辨别|识别|鉴别)|仅供参考|不代表真实)*",
    f"(?:{_ANY_NAME})(?:生成|合成|制作)",
)
_JAPANESE_WHAT = "(?:画像|映像|动画|動画|コンテンツ|作品|音声|イラスト|写真|素材|シーン|ナレーション|音楽|楽曲)"
_JAPANESE_HEAD = f"(?:この|本|当|一部の?)*(?:{_JAPANESE_WHAT}|番組|映画|ドラマ)*(?:の一部)?(?:は|には|に|の)?(?:一部)?"
_JAPANESE_AI = "(?:生成)?(?:ai|人工知能)(?:技术|技術)?"
_JAPANESE = _join(
    f"{_JAPANESE_HEAD}{_JAPANESE_AI}(?:で|により|によって|によるう?|による|を使用して|を用いて|を使って|を活用して|が)?"
    f"(?:生成|作成|制作|合成|加工)(?:された|した|したもの|されたもの)?(?:{_JAPANESE_WHAT})?"
    "(?:です|しました|されました|しています|されています|したものです|されたものです|を含みます|を使用しています)?",
    f"{_JAPANESE_HEAD}生成ai(?:による{_JAPANESE_WHAT}|使用|を使用|を使用しています|を利用しています|を活用しています)",
)
_STATEMENTS = (
    _ENGLISH, _CHINESE, _JAPANESE, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _PORTUGUESE, _DUTCH, _POLISH, _TURKISH,
    _INDONESIAN,
)  # fmt: skip

# Previews of stock libraries

_STOCK = _join(
    _any(
        "Getty Images,shutterstock,Adobe Stock,stock.adobe.com,iStock,iStockphoto,iStock by Getty Images,alamy,"
        "alamy stock photo,Dreamstime,depositphotos,123RF,Pond5,Storyblocks,VideoBlocks,Bigstock,Can Stock Photo,"
        "envato elements,VideoHive,Motion Array,Vecteezy,Filmsupply,age fotostock,视觉中国,图虫创意,摄图网,千图网,"
        "包图网,新片场素材,PIXTA,amanaimages,アマナイメージズ,MotionElements,Artgrid,Freepik Premium"
    )
    + "(?:com)?"
)

# Slates of editors

_SHOT_NUMBER = "(?:(?:shot|sc|scene|vfx)?[0-9oi]{1,6}[a-d]?)?"
_SLATE = _join(
    _any(
        "TEMP VFX,VFX TEMP,TEMP GFX,TEMP GRAPHIC,TEMP GRAPHICS,TEMP COMP,TEMP SHOT,TEMP STOCK,TEMP FOOTAGE,TEMP INSERT,"
        "TEMP TITLE,TEMP TITLES,PLACEHOLDER,PLACE HOLDER,VFX PLACEHOLDER,PLACEHOLDER SHOT,VFX TBD,VFX TO COME,VFX TK,"
        "VFX TBC,TBD VFX,VFX MISSING,MISSING VFX,VFX SHOT MISSING,SHOT MISSING,MISSING SHOT,SCENE MISSING,"
        "MISSING SCENE,INSERT MISSING,MISSING INSERT,SHOT TO COME,SHOT TBD,INSERT TK,INSERT TBD,INSERT TO COME,FPO,"
        "FOR PLACEMENT ONLY,FOR POSITION ONLY,NOT FINAL,NOT FINAL VFX,VFX NOT FINAL,NOT FINAL SHOT,NOT FINAL PICTURE,"
        "PREVIS,PREVIZ,POSTVIS,TECHVIS,AI TEMP,TEMP AI,AI PLACEHOLDER,PLACEHOLDER AI,STOCK NOT LICENSED,"
        "STOCK UNLICENSED,UNLICENSED,NOT LICENSED,STOCK TBD,STOCK FOOTAGE TBD,GFX TBD,GFX TO COME,GRAPHIC TBD,"
        "GRAPHIC TO COME,GRAPHICS TO COME,TITLE TBD,TITLE TO COME,TITLES TO COME,INSERT TITLE HERE,"
        "INSERT GRAPHIC HERE,MEDIA OFFLINE,MEDIA NOT FOUND,MISSING MEDIA,UNRENDERED,RENDER MISSING,SHOT NOT FINAL,"
        "PLATZHALTER,EINSTELLUNG FEHLT,SZENE FEHLT,BILD FEHLT,VFX FEHLT,NICHT FINAL,PLAN MANQUANT,IMAGE MANQUANTE,"
        "SCÈNE MANQUANTE,VFX À VENIR,PLANO FALTANTE,FALTA PLANO,INQUADRATURA MANCANTE,镜头缺失,缺镜头,待补镜头,"
        "特效未完成,占位"
    )
    + _SHOT_NUMBER
)
_WEAK_SLATE = _join(_any("TEMP,TEMPORARY,TBD,TBC,WIP,WORK IN PROGRESS,PREVIEW,DRAFT,PROVISOIRE"))
_AI_SLATE = _join(_any("AI TEMP,TEMP AI,AI PLACEHOLDER,PLACEHOLDER AI") + _SHOT_NUMBER)

_STRONG = _STRONG_NAMES + _NAME_TAIL
_WEAK = f"{_WEAK_NAMES}(?:v?[0-9o]{{1,2}})?"


def find_meanings(line: str) -> frozenset[Meaning]:
    """What a line says as a whole; nothing for any other text."""
    if len(line) > _LONGEST_LINE:
        return frozenset()
    # A word of a strong kind is no weak one as well.
    folded = fold(line)
    meanings = {meaning for meaning, patterns in _PATTERNS.items() if _matches(folded, patterns)}
    if Meaning.VENDOR in meanings:
        meanings.discard(Meaning.WEAK_VENDOR)
    if Meaning.SLATE in meanings:
        meanings.discard(Meaning.WEAK_SLATE)
    return frozenset(meanings)


def _matches(folded: str, patterns: Iterable[str]) -> bool:
    return any(_compile(pattern).fullmatch(folded) for pattern in patterns)


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    # At the first line that is read: every command imports this module, and few read pictures.
    return re.compile(pattern)


_PATTERNS = {
    Meaning.STATES: (*_STATEMENTS, _AI_SLATE),
    Meaning.VENDOR: (_STRONG,),
    Meaning.WEAK_VENDOR: (_WEAK,),
    Meaning.STOCK: (_STOCK,),
    Meaning.SLATE: (_SLATE,),
    Meaning.WEAK_SLATE: (_WEAK_SLATE,),
}


def parse_looked(value: str) -> tuple[int, int]:
    """`14 of 15 shots` -> (14, 15); (0, 0) for what nobody here wrote."""
    match = _LOOKED.match(value)
    if match is None:
        return 0, 0
    return int(match[1]), int(match[2])


def is_chinese_label(line: str) -> bool:
    """Whether a statement has the form that a Chinese standard requires of services that generate."""
    return bool(_compile(_CHINESE).fullmatch(fold(line)))
