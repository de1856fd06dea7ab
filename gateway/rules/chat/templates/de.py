"""Texts for customers who write German."""

from gateway.rules.chat.templates.texts import SHOWN_FIELDS, Texts

_LINES = {
    "status": "Status: {value}.",
    "paid_at": "Bezahlt: {value}.",
    "shipped_at": "Versandt: {value}.",
    "carrier": "Versanddienst: {value}.",
    "tracking_no": "Sendungsnummer: {value}.",
    "eta": "Voraussichtliche Zustellung: {value}.",
    "delivered_at": "Zugestellt: {value}.",
    "last_event": "Letztes Ereignis: {value}.",
    "last_event_at": "Zeit: {value}.",
    "location": "Ort: {value}.",
    "quantity": "Verfügbar: {value}.",
    "warehouse": "Lager: {value}.",
    "restock_at": "Nächster Wareneingang: {value}.",
    "amount": "Betrag: {value}.",
    "method": "Erstattet auf: {value}.",
    "refunded_at": "Erstattet: {value}.",
    "expected_at": "Voraussichtlich bis: {value}.",
    "return_status": "Rücksendung: {value}.",
    "items": "Artikel: {value}.",
}

TEXTS = Texts(
    small_talk={
        "greet": (
            "Hallo! Wie kann ich Ihnen helfen? Fragen Sie mich zu Bestellung, "
            "Lieferung, Rückgabe oder einem Artikel."
        ),
        "thanks": "Gern geschehen! Wenn noch etwas ist, schreiben Sie uns einfach.",
        "bye": "Auf Wiedersehen und vielen Dank für Ihren Besuch!",
    },
    clarify={
        "order_id": (
            "Das sehe ich gern nach. Bitte senden Sie mir Ihre Bestellnummer "
            "(Sie finden sie in der Bestätigungs-E-Mail und unter „Meine "
            "Bestellungen“)."
        ),
        "tracking_no": (
            "Diese Sendungsnummer kann ich nicht lesen, ein Zeichen scheint "
            "falsch zu sein. Bitte prüfen Sie sie oder senden Sie mir die "
            "Bestellnummer."
        ),
        "sku": (
            "Welchen Artikel meinen Sie? Bitte senden Sie mir die Artikelnummer "
            "(SKU, auf der Produktseite) und die Farbe oder Größe."
        ),
    },
    handoff={
        "with_person": "Eine Kollegin oder ein Kollege kümmert sich um dieses Gespräch und antwortet Ihnen hier.",
        "unverified_answer": "Das kann ich nicht zuverlässig beantworten. Ich habe es weitergegeben; eine Kollegin oder ein Kollege prüft es und antwortet Ihnen hier.",
        "no_tool": "Das kann ich hier nicht nachsehen. Ich habe es notiert, jemand aus unserem Team prüft es und antwortet Ihnen hier.",
        "asked_for_person": (
            "Ich leite Sie an eine Kollegin oder einen Kollegen weiter. Sie "
            "erhalten hier so bald wie möglich eine Antwort."
        ),
        "complaint": (
            "Das tut mir leid. Ich gebe Ihr Anliegen weiter, jemand aus unserem "
            "Team kümmert sich persönlich darum."
        ),
        "legal": (
            "Wir nehmen das ernst. Ich gebe es sofort an die zuständige Person "
            "weiter, sie meldet sich hier bei Ihnen."
        ),
        "no_answer": (
            "Das kann ich nicht sicher beantworten, deshalb leite ich Sie an das Team weiter."
        ),
        "entry": ("Jemand aus unserem Team kümmert sich darum und meldet sich hier bei Ihnen."),
    },
    suggest=(
        "Ich bin nicht ganz sicher, was Sie meinen. Ist es eine dieser "
        "Fragen?\n{questions}\nAntworten Sie mit der Nummer, fragen Sie mit "
        "anderen Worten oder verlangen Sie einen Mitarbeiter."
    ),
    out_of_scope=(
        "Dabei kann ich leider nicht helfen. Ich kann Bestellungen, "
        "Lieferungen, Erstattungen und Bestände nachsehen und Fragen zum "
        "Einkauf bei uns beantworten. Wenn Sie mit einer Person sprechen "
        "möchten, sagen Sie es einfach."
    ),
    unavailable=(
        "Ich erreiche das Bestellsystem gerade nicht und kann {id} deshalb "
        "nicht nachsehen. Bitte versuchen Sie es in einigen Minuten noch "
        "einmal oder verlangen Sie einen Mitarbeiter."
    ),
    not_found={
        "order_status": (
            "In Ihrem Konto finde ich keine Bestellung {id}. Bitte prüfen Sie "
            "die Nummer oder verlangen Sie einen Mitarbeiter."
        ),
        "refund_status": (
            "In Ihrem Konto finde ich keine Erstattung zur Bestellung {id}. "
            "Bitte prüfen Sie die Nummer oder verlangen Sie einen Mitarbeiter."
        ),
        "tracking": (
            "Zu {id} finde ich noch keine Sendungsdaten. Neue Pakete erscheinen "
            "oft erst nach 24 bis 48 Stunden. Bitte prüfen Sie die Nummer oder "
            "versuchen Sie es später."
        ),
        "stock": ("Einen Artikel {id} finde ich nicht. Bitte prüfen Sie die Artikelnummer."),
    },
    heads={
        "order_status": "Ihre Bestellung {id}:",
        "tracking": "Ihre Sendung {id}:",
        "stock": "Bestand von {id}:",
        "refund_status": "Erstattung zur Bestellung {id}:",
    },
    lines={tool: {name: _LINES[name] for name in names} for tool, names in SHOWN_FIELDS.items()},
    statuses={
        "pending": "in Bearbeitung",
        "unpaid": "Zahlung ausstehend",
        "paid": "bezahlt",
        "processing": "wird vorbereitet",
        "packed": "verpackt",
        "ready_to_ship": "versandbereit",
        "shipped": "versandt",
        "in_transit": "unterwegs",
        "customs": "in der Zollabfertigung",
        "out_for_delivery": "in Zustellung",
        "ready_for_pickup": "abholbereit",
        "delivered": "zugestellt",
        "delivery_failed": "Zustellversuch fehlgeschlagen",
        "exception": "es gibt ein Problem mit der Zustellung",
        "lost": "verloren",
        "returning": "auf dem Rückweg zu uns",
        "returned": "zurückgesandt",
        "cancelled": "storniert",
        "refunding": "Erstattung läuft",
        "refunded": "erstattet",
        "refund_rejected": "Erstattung abgelehnt",
        "requested": "angefragt",
        "approved": "genehmigt",
        "received": "eingegangen",
        "closed": "geschlossen",
        "completed": "abgeschlossen",
        "awaiting_payment": "Zahlung ausstehend",
        "awaiting_shipment": "wird vorbereitet",
        "unshipped": "wird vorbereitet",
        "confirmed": "wird vorbereitet",
        "partially_shipped": "teilweise versandt",
        "dispatched": "versandt",
        "fulfilled": "versandt",
        "transit": "unterwegs",
        "customs_clearance": "in der Zollabfertigung",
        "in_customs": "in der Zollabfertigung",
        "available_for_pickup": "abholbereit",
        "failed_attempt": "Zustellversuch fehlgeschlagen",
        "canceled": "storniert",
        "refund_processing": "Erstattung läuft",
        "refund_pending": "Erstattung läuft",
        "rejected": "Erstattung abgelehnt",
        "return_requested": "angefragt",
        "exchange_requested": "angefragt",
    },
    joint=" ",
)
