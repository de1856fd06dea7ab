"""Texts for customers who write Spanish."""

from gateway.rules.chat.templates.texts import SHOWN_FIELDS, Texts

_LINES = {
    "status": "Estado: {value}.",
    "paid_at": "Pagado: {value}.",
    "shipped_at": "Enviado: {value}.",
    "carrier": "Transportista: {value}.",
    "tracking_no": "Número de seguimiento: {value}.",
    "eta": "Entrega prevista: {value}.",
    "delivered_at": "Entregado: {value}.",
    "last_event": "Último movimiento: {value}.",
    "last_event_at": "Hora: {value}.",
    "location": "Lugar: {value}.",
    "quantity": "Disponible: {value}.",
    "warehouse": "Almacén: {value}.",
    "restock_at": "Próxima reposición: {value}.",
    "amount": "Importe: {value}.",
    "method": "Reembolsado en: {value}.",
    "refunded_at": "Reembolsado: {value}.",
    "expected_at": "Previsto para: {value}.",
    "return_status": "Devolución: {value}.",
    "items": "Artículos: {value}.",
}

TEXTS = Texts(
    small_talk={
        "greet": (
            "¡Hola! ¿En qué puedo ayudarle? Puede preguntarme por un pedido, un "
            "envío, una devolución o un producto."
        ),
        "thanks": "¡De nada! Si necesita algo más, escríbanos.",
        "bye": "¡Hasta pronto y gracias por su visita!",
    },
    clarify={
        "order_id": (
            "Con gusto lo consulto. Envíeme su número de pedido, por favor (está "
            "en el correo de confirmación y en «Mis pedidos»)."
        ),
        "tracking_no": (
            "No puedo leer ese número de seguimiento: parece que hay un carácter "
            "equivocado. Revíselo, por favor, o envíeme el número de pedido."
        ),
        "sku": (
            "¿A qué artículo se refiere? Envíeme su referencia (SKU, en la "
            "página del producto) y el color o la talla, por favor."
        ),
    },
    handoff={
        "with_person": "Un compañero se encarga de esta conversación y le responderá aquí.",
        "unverified_answer": "No puedo responder a eso con seguridad. Lo he pasado a un compañero, que lo comprobará y le responderá aquí.",
        "no_tool": "No puedo consultarlo aquí. Lo he anotado: un compañero lo revisará y le responderá aquí.",
        "asked_for_person": (
            "Le paso con un compañero. Una persona le responderá aquí lo antes posible."
        ),
        "complaint": (
            "Lamento las molestias. Paso su caso a un compañero que se ocupará personalmente."
        ),
        "legal": (
            "Nos lo tomamos en serio. Lo paso de inmediato a la persona "
            "responsable, que le responderá aquí."
        ),
        "no_answer": ("No puedo responder a eso con seguridad, así que le paso con un compañero."),
        "entry": "Un compañero se ocupará de esto y le responderá aquí.",
    },
    suggest=(
        "No estoy seguro de haberle entendido. ¿Es alguna de estas "
        "preguntas?\n{questions}\nResponda con el número, dígalo con otras "
        "palabras o pida hablar con una persona."
    ),
    out_of_scope=(
        "Lo siento, con eso no puedo ayudarle. Puedo consultar pedidos, "
        "envíos, reembolsos y existencias, y responder preguntas sobre su "
        "compra. Si quiere hablar con una persona, dígamelo."
    ),
    unavailable=(
        "En este momento no puedo acceder al sistema de pedidos, así que no "
        "puedo consultar {id}. Inténtelo de nuevo en unos minutos o pida "
        "hablar con una persona."
    ),
    not_found={
        "order_status": (
            "No encuentro el pedido {id} en su cuenta. Revise el número, por "
            "favor, o pida hablar con una persona."
        ),
        "refund_status": (
            "No encuentro ningún reembolso del pedido {id} en su cuenta. Revise "
            "el número, por favor, o pida hablar con una persona."
        ),
        "tracking": (
            "Todavía no encuentro datos de seguimiento de {id}. Un paquete nuevo "
            "puede tardar de 24 a 48 horas en aparecer. Revise el número o "
            "inténtelo más tarde."
        ),
        "stock": "No encuentro el artículo {id}. Revise la referencia, por favor.",
    },
    heads={
        "order_status": "Su pedido {id}:",
        "tracking": "Su paquete {id}:",
        "stock": "Existencias de {id}:",
        "refund_status": "Reembolso del pedido {id}:",
    },
    lines={tool: {name: _LINES[name] for name in names} for tool, names in SHOWN_FIELDS.items()},
    statuses={
        "pending": "pendiente",
        "unpaid": "pendiente de pago",
        "paid": "pagado",
        "processing": "en preparación",
        "packed": "embalado",
        "ready_to_ship": "listo para enviar",
        "shipped": "enviado",
        "in_transit": "en camino",
        "customs": "en trámite de aduanas",
        "out_for_delivery": "en reparto",
        "ready_for_pickup": "listo para recoger",
        "delivered": "entregado",
        "delivery_failed": "intento de entrega fallido",
        "exception": "hay un problema con la entrega",
        "lost": "extraviado",
        "returning": "de vuelta a nuestro almacén",
        "returned": "devuelto",
        "cancelled": "cancelado",
        "refunding": "reembolso en curso",
        "refunded": "reembolsado",
        "refund_rejected": "reembolso rechazado",
        "requested": "solicitado",
        "approved": "aprobado",
        "received": "recibido",
        "closed": "cerrado",
        "completed": "completado",
        "awaiting_payment": "pendiente de pago",
        "awaiting_shipment": "en preparación",
        "unshipped": "en preparación",
        "confirmed": "en preparación",
        "partially_shipped": "enviado en parte",
        "dispatched": "enviado",
        "fulfilled": "enviado",
        "transit": "en camino",
        "customs_clearance": "en trámite de aduanas",
        "in_customs": "en trámite de aduanas",
        "available_for_pickup": "listo para recoger",
        "failed_attempt": "intento de entrega fallido",
        "canceled": "cancelado",
        "refund_processing": "reembolso en curso",
        "refund_pending": "reembolso en curso",
        "rejected": "reembolso rechazado",
        "return_requested": "solicitado",
        "exchange_requested": "solicitado",
    },
    joint=" ",
)
