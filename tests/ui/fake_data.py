"""People, chats and one message of every kind, for the fake server."""

from __future__ import annotations

from typing import Any

import msgspec

from jackfield.channel import (
    Call,
    Card,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    Failure,
    FormReply,
    Labelled,
    Location,
    Media,
    Option,
    Order,
    OrderItem,
    Poll,
    Product,
    Referral,
    System,
    Template,
    Text,
    Unsupported,
)
from jackfield.wire import views

MINUTE = 60_000
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 420">'
    b'<rect width="640" height="420" fill="#7fa7c9"/><circle cx="480" cy="110" r="60" fill="#f7d774"/>'
    b'<path d="M0 420 220 180 360 330 460 240 640 420z" fill="#3f6b4d"/></svg>'
)

MARKED = """*Жирный*, _курсив_, ~зачёркнуто~, `код` и ссылка: https://example.org/путь.
> цитата
1. раз
2. два
```
for (;;) {}
```"""
NAMES = (
    "Мария Соколова",
    "Ivan Petrov",
    "Кофейня «Зерно»",
    "Amélie Laurent",
    "Дмитрий Орлов",
    "Sofia Marino",
    "Ольга Ким",
    "James Cooper",
    "Алексей Волков",
    "Léa Dubois",
    "Наталья Белова",
    "Omar Haddad",
)
WORDS = (
    "Добрый день! Заказ уже отправили?",
    "Thanks, that works for me *very* well",
    "А можно доставку на _пятницу_?",
    "Could you send the invoice again? https://shop.example/orders/4821.",
    "Спасибо!",
    "Is it still available in size M?",
    "Хочу вернуть товар, он не подошёл по размеру. Как это сделать?",
)
ANSWERS = (
    "Здравствуйте! Да, курьер приедет завтра с 10 до 14.",
    "Of course. Here it is:\n- invoice 4821\n- receipt",
    "Конечно, запишу вас на пятницу.",
    "You are welcome!",
)


def workspaces() -> list[views.WorkspaceView]:
    return [
        views.WorkspaceView(id="w_1", name="Северный свет", color="#7648c2", role="owner"),
        views.WorkspaceView(id="w_2", name="Acme Coffee", color="#b4402f", role="operator"),
    ]


def channels() -> list[views.ChannelView]:
    return [
        views.ChannelView(
            id="ch_1",
            ws="w_1",
            rev=1,
            kind="whatsapp_api",
            name="WhatsApp +7 999 123-45-67",
            state="connected",
        ),
        views.ChannelView(
            id="ch_2",
            ws="w_2",
            rev=1,
            kind="whatsapp_api",
            name="WhatsApp +44 20 7946 0958",
            state="connected",
        ),
    ]


def labels() -> list[views.LabelView]:
    return [
        views.LabelView(id="l_1", ws="w_1", rev=1, name="Доставка", color="#2f7d32"),
        views.LabelView(id="l_2", ws="w_1", rev=1, name="Возврат", color="#b5307a"),
        views.LabelView(id="l_3", ws="w_2", rev=1, name="Wholesale", color="#1d6fc0"),
    ]


def operators() -> list[views.OperatorView]:
    return [
        views.OperatorView(id="o_1", name="Анна", role="owner"),
        views.OperatorView(id="o_2", name="Oleg", role="operator"),
    ]


def text_of(part: Any) -> str:
    return str(getattr(part, "body", "") or getattr(part, "caption", "") or getattr(part, "title", ""))


def kind_of(part: Any) -> str:
    return str(part.__struct_config__.tag)


def conversations(now: int) -> tuple[dict[str, views.ConversationView], dict[str, list[views.MessageView]]]:
    """Two hundred chats; the first has a long history, the second one message of every kind."""
    rows: dict[str, views.ConversationView] = {}
    threads: dict[str, list[views.MessageView]] = {}
    for n in range(200):
        conv = f"c_{n}"
        ws = "w_1" if n % 3 else "w_2"
        at = now - n * 37 * MINUTE
        name = NAMES[n % len(NAMES)] + (f" {n // len(NAMES) + 1}" if n >= len(NAMES) else "")
        thread = _gallery(conv, at) if n == 1 else _talk(conv, ws, name, at, 500 if n == 0 else 8)
        last = thread[-1]
        unread = 3 if n == 0 else (n % 4 if n < 9 else 0)
        rows[conv] = views.ConversationView(
            id=conv,
            ws="w_1" if n == 1 else ws,
            rev=1,
            channel="ch_1" if ws == "w_1" or n == 1 else "ch_2",
            name=name,
            contact=f"p_{n}",
            peer=f"+7 999 {n:03d}-45-67",
            group=n == 7,
            assignee=("o_1", "o_2", None)[n % 3],
            labels=(("l_1",), ("l_1", "l_2"), ())[n % 3] if ws == "w_1" else (),
            unread=unread,
            last=views.LastMessage(
                id=last.id,
                dir=last.dir,
                kind=last.kind,
                text=last.text,
                at=last.at,
                st=last.st,
                by=last.author.name if last.dir != "in" else "",
            ),
            last_at=last.at,
            last_pos=last.pos,
            read_pos=last.pos - unread,
            windowed=True,
            window_until=now + (n * 47 % 1440 + 20) * MINUTE,
            drafts=(views.DraftMark(operator="o_2", at=now),) if n == 5 else (),
            failed=n == 6,
        )
        threads[conv] = thread
    return rows, threads


def _message(
    conv: str,
    ws: str,
    *,
    pos: int,
    at: int,
    part: Any,
    direction: views.Direction,
    author: views.Author,
    st: views.MessageStatus,
    **extra: Any,
) -> views.MessageView:
    return views.MessageView(
        id=f"m_{conv}_{pos}",
        ws=ws,
        conv=conv,
        rev=1,
        pos=pos,
        dir=direction,
        kind=kind_of(part),
        author=author,
        parts=msgspec.Raw(msgspec.json.encode([part])),
        text=text_of(part),
        at=at,
        received_at=at,
        st=st,
        **extra,
    )


def _talk(conv: str, ws: str, name: str, end: int, length: int) -> list[views.MessageView]:
    contact = views.Author(kind="contact", id=f"p_{conv}", name=name)
    anna = views.Author(kind="operator", id="o_1", name="Анна")
    found: list[views.MessageView] = []
    for n in range(length):
        ours = n % 5 in (2, 3)
        words = ANSWERS if ours else WORDS
        found.append(
            _message(
                conv,
                ws,
                pos=n + 1,
                at=end - (length - 1 - n) * 23 * MINUTE,
                part=Text(body=words[(n * 3 + len(conv)) % len(words)]),
                direction="out" if ours else "in",
                author=anna if ours else contact,
                st="read" if ours else "received",
            )
        )
    return found


def _gallery(conv: str, end: int) -> list[views.MessageView]:
    """One of every kind."""
    contact = views.Author(kind="contact", id="p_1", name="Ivan Petrov")
    anna = views.Author(kind="operator", id="o_1", name="Анна")
    phone = views.Author(kind="phone", name="")
    there = views.MediaView(id="f_9", part=0, state="ready", url="/media/f_9")

    def file(**more: Any) -> tuple[views.MediaView, ...]:
        return (msgspec.structs.replace(there, **more),)

    option = Option(id="1", title="Да, подходит")
    other = Option(id="2", title="Позвонить", phone="+79991234567")
    list_of: tuple[tuple[Any, views.Direction, dict[str, Any]], ...] = (
        (
            Text(body=MARKED),
            "in",
            {"referral": Referral(source="ad", headline="Осенняя распродажа", url="https://example.org/ad")},
        ),
        (
            Media(sort="image", ref="f_9", caption="Вот так выглядит *упаковка*"),
            "in",
            {"media": file(mime="image/svg+xml", width=640, height=420)},
        ),
        (Media(sort="voice", ref="f_9"), "in", {"media": file(mime="audio/ogg", duration=17.0)}),
        (
            Media(sort="document", ref="f_9", name="Договор.pdf"),
            "out",
            {"media": file(mime="application/pdf", name="Договор.pdf", size=184_320)},
        ),
        (Media(sort="video", ref="f_9"), "in", {"media": file(state="pending")}),
        (Media(sort="image", ref="f_9"), "in", {"media": file(state="failed", error="410")}),
        (Location(latitude=59.93428, longitude=30.3351, name="Склад", address="Невский пр., 28"), "in", {}),
        (
            Contacts(
                cards=(
                    Card(
                        name="Пётр Ильин",
                        organisation="ООО «Лён»",
                        phones=(Labelled(value="+7 911 000-00-00", label="WORK"),),
                    ),
                )
            ),
            "in",
            {},
        ),
        (
            ChoiceOffered(
                style="buttons", body="Вам удобно завтра?", options=(option, other), footer="Ответьте кнопкой"
            ),
            "out",
            {},
        ),
        (
            ChoiceMade(source="buttons", title="Да, подходит"),
            "in",
            {
                "reply": views.Quote(
                    id=f"m_{conv}_9", kind="choice_offered", text="Вам удобно завтра?", by="Анна", dir="out"
                )
            },
        ),
        (
            Template(
                name="order_ready",
                language="ru",
                category="utility",
                body="Заказ *4821* готов к выдаче.",
                footer="Северный свет",
                buttons=(Option(id="0", title="Где забрать", url="https://example.org"),),
            ),
            "out",
            {"author": phone},
        ),
        (Product(catalog="catalog-1", products=("sku-1", "sku-2"), body="Посмотрите эти модели"), "out", {}),
        (
            Order(
                catalog="catalog-1",
                items=(
                    OrderItem(product="Футболка, M", quantity=2, price="1290.50", currency="RUB"),
                    OrderItem(product="Кружка", quantity=1, price="640", currency="RUB"),
                ),
                note="Без пакета",
            ),
            "in",
            {},
        ),
        (FormReply(name="Запись на приём", fields={"Дата": "24 ноября", "Время": "15:30"}), "in", {}),
        (Poll(question="Какой цвет?", options=("Синий", "Зелёный"), most=1), "in", {}),
        (Call(id="k", outcome="missed"), "in", {}),
        (Call(id="k", outcome="ended", duration=184.0, video=True), "out", {}),
        (Text(body="👍🔥"), "in", {"reactions": (views.ReactionView(emoji="❤️", by=anna, at=end),)}),
        (Text(body="Это изменено"), "out", {"edited_at": end}),
        (Text(body="—"), "in", {"deleted_at": end}),
        (Unsupported(kind="reel", note="131051", raw=msgspec.Raw(b"{}")), "in", {}),
        (System(code="number_changed", text="The number changed"), "system", {}),
        (Text(body="Клиент просил перезвонить после 18:00"), "note", {}),
        (Text(body="Переслал вам договор"), "in", {"forwarded": True, "reply": views.Quote(id=None)}),
        (
            Text(body="Это не дошло"),
            "out",
            {
                "st": "failed",
                "fail": Failure(code="window_closed", remote_code="131047", text="Re-engagement message"),
            },
        ),
        (Text(body="Ответа нет"), "out", {"st": "unknown"}),
        (Text(body="Уйдёт завтра"), "out", {"st": "scheduled", "due_at": end + 20 * 60 * MINUTE}),
        (Text(body="Отправлено"), "out", {"st": "sent"}),
        (Text(body="Доставлено"), "out", {"st": "delivered"}),
        (Text(body="Спасибо! Жду."), "in", {}),
    )
    found: list[views.MessageView] = []
    for n, (part, direction, extra) in enumerate(list_of):
        author = extra.pop("author", anna if direction in ("out", "note") else contact)
        st = extra.pop("st", "read" if direction == "out" else "received")
        at = end - (len(list_of) - 1 - n) * 3 * MINUTE
        found.append(
            _message(
                conv, "w_1", pos=n + 1, at=at, part=part, direction=direction, author=author, st=st, **extra
            )
        )
    return found


def templates() -> list[Template]:
    return [
        Template(
            name="order_ready",
            language="ru",
            category="utility",
            body="Здравствуйте, {{1}}! Заказ {{2}} готов к выдаче.",
            parameters={"body.1": "Мария", "body.2": "4821"},
        ),
        Template(
            name="hello", language="en", category="marketing", body="Hello! We are open again.", parameters={}
        ),
    ]
