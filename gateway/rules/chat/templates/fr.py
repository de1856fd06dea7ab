"""Texts for customers who write French."""

from gateway.rules.chat.templates.texts import SHOWN_FIELDS, Texts

_LINES = {
    "status": "Statut : {value}.",
    "paid_at": "Payée le : {value}.",
    "shipped_at": "Expédiée le : {value}.",
    "carrier": "Transporteur : {value}.",
    "tracking_no": "Numéro de suivi : {value}.",
    "eta": "Livraison prévue : {value}.",
    "delivered_at": "Livré le : {value}.",
    "last_event": "Dernier événement : {value}.",
    "last_event_at": "Heure : {value}.",
    "location": "Lieu : {value}.",
    "quantity": "Disponible : {value}.",
    "warehouse": "Entrepôt : {value}.",
    "restock_at": "Prochain réassort : {value}.",
    "amount": "Montant : {value}.",
    "method": "Remboursé sur : {value}.",
    "refunded_at": "Remboursé le : {value}.",
    "expected_at": "Prévu pour le : {value}.",
    "return_status": "Retour : {value}.",
    "items": "Articles : {value}.",
}

TEXTS = Texts(
    small_talk={
        "greet": (
            "Bonjour ! Comment puis-je vous aider ? Posez-moi une question sur "
            "une commande, une livraison, un retour ou un article."
        ),
        "thanks": (
            "Je vous en prie ! N'hésitez pas à nous écrire si vous avez une autre question."
        ),
        "bye": "Au revoir et merci de votre visite !",
    },
    clarify={
        "order_id": (
            "Je vérifie volontiers. Merci de m'envoyer votre numéro de commande "
            "(dans l'e-mail de confirmation et sous « Mes commandes »)."
        ),
        "tracking_no": (
            "Je n'arrive pas à lire ce numéro de suivi : un caractère semble "
            "erroné. Merci de le vérifier ou de m'envoyer le numéro de commande."
        ),
        "sku": (
            "De quel article s'agit-il ? Merci de m'envoyer sa référence (SKU, "
            "sur la page produit) ainsi que la couleur ou la taille."
        ),
    },
    handoff={
        "with_person": "Un collègue s'occupe de cette conversation et vous répondra ici.",
        "unverified_answer": "Je ne peux pas répondre à cela de façon fiable. Je l'ai transmis à un collègue, qui va vérifier et vous répondra ici.",
        "no_tool": "Je ne peux pas le consulter ici. Je l'ai noté : un collègue va vérifier et vous répondra ici.",
        "asked_for_person": (
            "Je vous mets en relation avec un conseiller. Une personne vous "
            "répondra ici dès que possible."
        ),
        "complaint": (
            "Je suis désolé pour ce désagrément. Je transmets votre demande à un "
            "collègue qui s'en occupera personnellement."
        ),
        "legal": (
            "Nous prenons cela au sérieux. Je transmets immédiatement votre "
            "demande au responsable, qui vous répondra ici."
        ),
        "no_answer": (
            "Je ne peux pas répondre à cela avec certitude, je vous mets donc en "
            "relation avec un collègue."
        ),
        "entry": "Un collègue s'en occupe et vous répondra ici.",
    },
    suggest=(
        "Je ne suis pas sûr de bien comprendre. S'agit-il de l'une de ces "
        "questions ?\n{questions}\nRépondez par le numéro, reformulez, ou "
        "demandez à parler à un conseiller."
    ),
    out_of_scope=(
        "Je ne peux malheureusement pas vous aider sur ce point. Je peux "
        "consulter les commandes, les livraisons, les remboursements et le "
        "stock, et répondre aux questions sur vos achats. Si vous souhaitez "
        "parler à une personne, dites-le-moi."
    ),
    unavailable=(
        "Le système de commandes est injoignable pour le moment, je ne peux "
        "donc pas consulter {id}. Merci de réessayer dans quelques minutes "
        "ou de demander un conseiller."
    ),
    not_found={
        "order_status": (
            "Je ne trouve pas de commande {id} dans votre compte. Merci de "
            "vérifier le numéro ou de demander un conseiller."
        ),
        "refund_status": (
            "Je ne trouve pas de remboursement pour la commande {id} dans votre "
            "compte. Merci de vérifier le numéro ou de demander un conseiller."
        ),
        "tracking": (
            "Je ne trouve pas encore de suivi pour {id}. Un nouveau colis peut "
            "mettre 24 à 48 heures à apparaître. Merci de vérifier le numéro ou "
            "de réessayer plus tard."
        ),
        "stock": "Je ne trouve pas d'article {id}. Merci de vérifier la référence.",
    },
    heads={
        "order_status": "Votre commande {id} :",
        "tracking": "Votre colis {id} :",
        "stock": "Stock de {id} :",
        "refund_status": "Remboursement de la commande {id} :",
    },
    lines={tool: {name: _LINES[name] for name in names} for tool, names in SHOWN_FIELDS.items()},
    statuses={
        "pending": "en attente",
        "unpaid": "en attente de paiement",
        "paid": "payée",
        "processing": "en préparation",
        "packed": "emballée",
        "ready_to_ship": "prête à être expédiée",
        "shipped": "expédiée",
        "in_transit": "en transit",
        "customs": "en cours de dédouanement",
        "out_for_delivery": "en cours de livraison",
        "ready_for_pickup": "prêt à être retiré",
        "delivered": "livré",
        "delivery_failed": "échec de la livraison",
        "exception": "un problème est survenu pendant la livraison",
        "lost": "perdu",
        "returning": "en retour vers nous",
        "returned": "retourné",
        "cancelled": "annulée",
        "refunding": "remboursement en cours",
        "refunded": "remboursé",
        "refund_rejected": "remboursement refusé",
        "requested": "demandé",
        "approved": "accepté",
        "received": "reçu",
        "closed": "clôturée",
        "completed": "terminée",
        "awaiting_payment": "en attente de paiement",
        "awaiting_shipment": "en préparation",
        "unshipped": "en préparation",
        "confirmed": "en préparation",
        "partially_shipped": "expédiée en partie",
        "dispatched": "expédiée",
        "fulfilled": "expédiée",
        "transit": "en transit",
        "customs_clearance": "en cours de dédouanement",
        "in_customs": "en cours de dédouanement",
        "available_for_pickup": "prêt à être retiré",
        "failed_attempt": "échec de la livraison",
        "canceled": "annulée",
        "refund_processing": "remboursement en cours",
        "refund_pending": "remboursement en cours",
        "rejected": "remboursement refusé",
        "return_requested": "demandé",
        "exchange_requested": "demandé",
    },
    joint=" ",
)
