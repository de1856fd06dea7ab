"""What a customer reads after confirming an action, in six languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionTexts:
    """`unknown`: it may or may not have happened; `not_reached`: it certainly did not."""

    done: str
    not_reached: str
    refused: str
    unknown: str


TEXTS: Mapping[str, ActionTexts] = {
    "en": ActionTexts(
        "It is done.",
        "I can't reach the order system at the moment, so nothing has been changed. Please try "
        "again in a few minutes.",
        "The order system did not accept this, so nothing has been changed. A colleague will look "
        "at it and answer you here.",
        "The order system has not answered in time, so I don't know yet whether it was done. A "
        "colleague will check and answer you here.",
    ),
    "zh": ActionTexts(
        "已为您办理完成。",
        "目前无法连接订单系统，未做任何更改。请过几分钟再试。",
        "订单系统没有接受这项操作，未做任何更改。同事会查看并在这里回复您。",
        "订单系统没有及时答复，目前还不能确定是否已办理。同事会核实并在这里回复您。",
    ),
    "de": ActionTexts(
        "Es ist erledigt.",
        "Ich erreiche das Bestellsystem gerade nicht; es wurde nichts geändert. Bitte versuchen "
        "Sie es in ein paar Minuten noch einmal.",
        "Das Bestellsystem hat das nicht angenommen; es wurde nichts geändert. Eine Kollegin oder "
        "ein Kollege sieht es sich an und antwortet Ihnen hier.",
        "Das Bestellsystem hat nicht rechtzeitig geantwortet; ich weiß noch nicht, ob es erledigt "
        "ist. Eine Kollegin oder ein Kollege prüft es und antwortet Ihnen hier.",
    ),
    "fr": ActionTexts(
        "C'est fait.",
        "Je n'arrive pas à joindre le système de commandes pour le moment ; rien n'a été modifié. "
        "Merci de réessayer dans quelques minutes.",
        "Le système de commandes n'a pas accepté cette opération ; rien n'a été modifié. Un "
        "collègue va l'examiner et vous répondra ici.",
        "Le système de commandes n'a pas répondu à temps ; je ne sais pas encore si c'est fait. Un "
        "collègue va vérifier et vous répondra ici.",
    ),
    "es": ActionTexts(
        "Ya está hecho.",
        "Ahora mismo no puedo conectar con el sistema de pedidos; no se ha cambiado nada. "
        "Inténtelo de nuevo en unos minutos.",
        "El sistema de pedidos no lo ha aceptado; no se ha cambiado nada. Un compañero lo revisará "
        "y le responderá aquí.",
        "El sistema de pedidos no ha respondido a tiempo; todavía no sé si se ha hecho. Un "
        "compañero lo comprobará y le responderá aquí.",
    ),
    "ja": ActionTexts(
        "手続きが完了しました。",
        "現在、注文システムに接続できないため、何も変更されていません。数分後にもう一度お試しください。",
        "注文システムで受け付けられなかったため、何も変更されていません。担当者が確認のうえ、こちらでご返信します。",
        "注文システムから時間内に応答がなく、完了したかどうかまだ確認できていません。担当者が確認のうえ、こちらでご返信します。",
    ),
}


def texts_in(language: str) -> ActionTexts:
    """The texts of a language; English for one we do not write."""
    return TEXTS.get(language.partition("-")[0].lower(), TEXTS["en"])
