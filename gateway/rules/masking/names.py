"""Names of people where something marks them: a form of address, a label, "my name is".

A name that nothing marks is not found: no list of names tells "Rose" from a rose.
"""

import re

from gateway.rules.masking.kinds import Finder, Kind

_WORD = r"[A-ZÀ-ÞĀ-ŽĐƠƯẠ-Ỹ][\w'’]{1,24}(?:-[A-ZÀ-Þ]\w{1,20})?"
_PARTICLE = r"(?:de|da|do|dos|das|del|della|di|la|le|van|von|der|den|bin|binti|al|y|e|zu|Ng)"
_FULL = rf"{_WORD}(?: (?:{_PARTICLE} ){{0,2}}(?:[A-Z]\. )?{_WORD}){{0,3}}"
_INITIAL = rf"(?:[A-Z]\. ?){{0,2}}{_FULL}"
"""Jane R. Doyle, too."""

_TITLES = (
    r"\b(?:Mrs?|Ms|Miss|Dr|Prof|Herrn?|Frau|M|Mme|Mlle|Monsieur|Madame|Sra?|Srta|Don|Doña|Señora?|Sig"
    r"|Sig\.ra|Signora?|Bapak|Ibu|Pak|Bu|Encik|Puan|Khun)\b\.? "
)
_SAID = (
    r"(?i:\bmy (?:full )?name is|\bname's|\bthis is(?= \w+ \w+ (?:speaking|calling))|\bi am called"
    r"|\bmein name ist|\bich hei(?:ß|ss)e|\bje m'appelle|\bje m’appelle|\bmon nom est|\bme llamo"
    r"|\bmi nombre es|\bmi chiamo|\bil mio nome è|\bmeu nome é|\bme chamo|\bchamo-me|\bnama saya(?: adalah)?"
    r"|\btên (?:tôi|em|mình) là|\bsigned(?: by)?|\bdear|\bregards,|\bsincerely,|\bgrüße,?|\bcordialement,?"
    r"|\bsaludos,?|\bcordiali saluti,?|\batenciosamente,?)\s{1,2}"
)
_LABEL = (
    r"(?i:\b(?:full |first |last |customer |recipient |contact |cardholder |account )?name"
    r"|\brecipient|\bcustomer|\bconsignee|\bcontact|\battn\.?|\bc/o|\b(?:vor|nach)?name|\bempfänger(?:in)?"
    r"|\bkontoinhaber(?:in)?|\bkund(?:e|in)|\bnom(?: et prénom)?|\bprénom|\bdestinataire|\bnombre(?: completo)?"
    r"|\bdestinatari[oa]|\btitular|\bnome(?: completo| e cognome)?|\bintestatario|\bdestinatário|\bnama(?: lengkap)?"
    r"|\bpenerima|\bhọ (?:và )?tên|\bngười nhận)[ ]?[:：=][ ]{0,2}"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭葉蘇呂盧鍾譚陸廖賈韋鄒龍陶賀顧龔萬錢嚴"
)
_HAN = r"\u4e00-\u9fff"
_AFTER = rf"(?=[^{_HAN}]|$|[,，。；;]|电话|手机|地址|收货|收件|联系|身份|住址?|先生|女士|小姐|的|是|在|，)"
_CHINESE = rf"(?:欧阳|司马|上官|诸葛|[{_SURNAMES}])[{_HAN}]{{1,2}}?{_AFTER}"
_CHINESE_LABEL = r"(?:姓名|名字(?:叫|是)?|收货人|收件人|联系人|持卡人|客户|我叫|本人|寄件人|签收人)(?:[是为：: ]{0,3})"
_JAPANESE = r"[一-龠々]{1,4}[ 　]?[一-龠々ぁ-んァ-ヶー]{1,5}"

_TITLE_HINTS = (
    *(
        "mr",
        "ms",
        "miss",
        "dr",
        "prof",
        "herr",
        "frau",
        "m.",
        "m ",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "sr",
    ),
    *("don", "doña", "señor", "sig", "bapak", "ibu", "pak", "bu ", "encik", "puan", "khun"),
)
_SAID_HINTS = (
    *(
        "name",
        "this is",
        "i am called",
        "ich hei",
        "appelle",
        "mon nom",
        "me llamo",
        "mi nombre",
        "chiamo",
    ),
    *(
        "il mio nome",
        "meu nome",
        "chamo",
        "nama saya",
        "tên ",
        "signed",
        "dear",
        "regards",
        "sincerely",
        "grüße",
    ),
    *("cordial", "saludos", "atenciosamente"),
)
_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"{_TITLES}(?P<v>{_INITIAL})", _TITLE_HINTS),
    (rf"{_SAID}(?P<v>{_INITIAL})", _SAID_HINTS),
    (rf"{_LABEL}(?P<v>{_INITIAL})", (":", "：", "=")),
    (rf"{_CHINESE_LABEL}(?P<v>{_CHINESE})", ("名", "人", "客户", "我叫")),
    (
        rf"(?<![{_HAN}])(?P<v>[{_SURNAMES}][{_HAN}]{{0,2}}?)(?:先生|女士|小姐)",
        ("先生", "女士", "小姐"),
    ),
    (
        rf"(?:氏名|お?名前|宛名|受取人|名義)(?:は|：|:| |　){{1,2}}(?P<v>{_JAPANESE})",
        ("名", "受取人"),
    ),
    (rf"(?<![一-龠々])(?P<v>{_JAPANESE}?)(?:と申します|ともうします)", ("申します", "もうします")),
    (r"(?:(?<=\s)|^)(?!お客|皆|各位)(?P<v>[一-龠々]{2,4}(?:[ 　][一-龠々]{1,3})?)様", ("様",)),
    (r"(?:ชื่อ|ผู้รับ)[ :：]{0,2}(?:นาย|นาง(?:สาว)?|คุณ)?(?P<v>[ก-๙]{2,20} [ก-๙]{2,24})", ("ชื่อ", "ผู้รับ")),
)

FINDERS = tuple(Finder(Kind.NAME, re.compile(pattern), words=words) for pattern, words in _PATTERNS)
