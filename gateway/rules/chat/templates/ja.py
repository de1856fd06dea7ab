"""Texts for customers who write Japanese."""

from gateway.rules.chat.templates.texts import SHOWN_FIELDS, Texts

_LINES = {
    "status": "状況：{value}。",
    "paid_at": "お支払い：{value}。",
    "shipped_at": "発送：{value}。",
    "carrier": "配送業者：{value}。",
    "tracking_no": "追跡番号：{value}。",
    "eta": "お届け予定：{value}。",
    "delivered_at": "お届け：{value}。",
    "last_event": "最新の情報：{value}。",
    "last_event_at": "日時：{value}。",
    "location": "場所：{value}。",
    "quantity": "在庫数：{value}。",
    "warehouse": "倉庫：{value}。",
    "restock_at": "次回入荷予定：{value}。",
    "amount": "金額：{value}。",
    "method": "返金先：{value}。",
    "refunded_at": "返金日：{value}。",
    "expected_at": "返金予定：{value}。",
    "return_status": "返品：{value}。",
    "items": "商品：{value}。",
}

TEXTS = Texts(
    small_talk={
        "greet": "こんにちは。ご用件をお聞かせください。ご注文、配送、返品、商品についてお答えします。",
        "thanks": "どういたしまして。ほかにもご不明な点がございましたら、いつでもご連絡ください。",
        "bye": "ご利用ありがとうございました。またのお越しをお待ちしております。",
    },
    clarify={
        "order_id": "お調べします。注文番号をお知らせください（確認メールまたは「注文履歴」に記載されています）。",
        "tracking_no": "この追跡番号は文字に誤りがあるようです。番号をご確認のうえもう一度お送りいただくか、注文番号をお知らせください。",
        "sku": "どちらの商品でしょうか。商品番号（SKU、商品ページに記載）と、色またはサイズをお知らせください。",
    },
    handoff={
        "with_person": "このお問い合わせは担当者が引き継いでおり、こちらでご返信します。",
        "unverified_answer": "確実なお答えができないため、担当者に引き継ぎました。確認のうえ、こちらでご返信します。",
        "no_tool": "こちらでは確認できないため、担当者に引き継ぎました。確認のうえ、こちらでお返事いたします。",
        "asked_for_person": "担当者におつなぎします。こちらでできるだけ早くご返信いたします。",
        "complaint": "ご迷惑をおかけして申し訳ございません。担当者に引き継ぎ、責任を持って対応いたします。",
        "legal": "重く受け止めております。ただちに責任者へ引き継ぎ、こちらでご連絡いたします。",
        "no_answer": "確実なお答えができないため、担当者におつなぎします。",
        "entry": "担当者が対応し、こちらでご連絡いたします。",
    },
    suggest=(
        "ご質問の内容は次のいずれかでしょうか。\n{questions}\n番号でお答えいただくか、"
        "別の言い方でお尋ねください。担当者をご希望の場合はその旨お知らせください。"
    ),
    out_of_scope=(
        "申し訳ございませんが、その件はお手伝いできません。ご注文、配送、返金、在庫の確認と、お買"
        "い物に関するご質問にお答えできます。担当者をご希望の場合はお知らせください。"
    ),
    unavailable="ただいま注文システムに接続できないため、{id} を確認できません。数分後にもう一度お試しいただくか、担当者をご希望の旨お知らせください。",
    not_found={
        "order_status": "お客様のアカウントに注文 {id} が見つかりません。番号をご確認いただくか、担当者をご希望の旨お知らせください。",
        "refund_status": "お客様のアカウントに注文 {id} の返金が見つかりません。番号をご確認いただくか、担当者をご希望の旨お知らせください。",
        "tracking": (
            "{id} の追跡情報はまだありません。発送直後は反映まで 24〜48 "
            "時間かかることがあります。番号をご確認いただくか、後ほどお試しください。"
        ),
        "stock": "商品 {id} が見つかりません。商品番号をご確認ください。",
    },
    heads={
        "order_status": "ご注文 {id} の状況です。",
        "tracking": "お荷物 {id} の状況です。",
        "stock": "商品 {id} の在庫です。",
        "refund_status": "ご注文 {id} の返金状況です。",
    },
    lines={tool: {name: _LINES[name] for name in names} for tool, names in SHOWN_FIELDS.items()},
    statuses={
        "pending": "処理待ち",
        "unpaid": "お支払い待ち",
        "paid": "お支払い済み",
        "processing": "準備中",
        "packed": "梱包済み",
        "ready_to_ship": "発送準備完了",
        "shipped": "発送済み",
        "in_transit": "輸送中",
        "customs": "通関手続き中",
        "out_for_delivery": "配達中",
        "ready_for_pickup": "受け取り可能",
        "delivered": "配達済み",
        "delivery_failed": "配達できませんでした",
        "exception": "配送に問題が発生しています",
        "lost": "紛失",
        "returning": "返送中",
        "returned": "返品済み",
        "cancelled": "キャンセル済み",
        "refunding": "返金処理中",
        "refunded": "返金済み",
        "refund_rejected": "返金不可",
        "requested": "申請済み",
        "approved": "承認済み",
        "received": "受領済み",
        "closed": "終了",
        "completed": "完了",
        "awaiting_payment": "お支払い待ち",
        "awaiting_shipment": "準備中",
        "unshipped": "準備中",
        "confirmed": "準備中",
        "partially_shipped": "一部発送済み",
        "dispatched": "発送済み",
        "fulfilled": "発送済み",
        "transit": "輸送中",
        "customs_clearance": "通関手続き中",
        "in_customs": "通関手続き中",
        "available_for_pickup": "受け取り可能",
        "failed_attempt": "配達できませんでした",
        "canceled": "キャンセル済み",
        "refund_processing": "返金処理中",
        "refund_pending": "返金処理中",
        "rejected": "返金不可",
        "return_requested": "申請済み",
        "exchange_requested": "申請済み",
    },
    joint="",
)
