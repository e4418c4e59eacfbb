"""One message of every kind there is, and the templates of a business, for the fake server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from jackfield.channel import (
    Call,
    Card,
    Carousel,
    CarouselCard,
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
    ProductSection,
    Referral,
    System,
    Template,
    Text,
    Unsupported,
)
from jackfield.wire import views

MINUTE = 60_000
MARKED = """*Жирный*, _курсив_, ~зачёркнуто~, `код` и ссылка: https://example.org/путь.
> цитата
1. раз
2. два
```
for (;;) {}
```"""


def text_of(part: Any) -> str:
    return str(getattr(part, "body", "") or getattr(part, "caption", "") or getattr(part, "title", ""))


def kind_of(part: Any) -> str:
    return str(part.__struct_config__.tag)


def message(
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


def thread(conv: str, end: int) -> list[views.MessageView]:
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
            {
                "referral": Referral(
                    source="ad",
                    headline="Осенняя распродажа",
                    body="Тёплые вещи со скидкой до конца недели",
                    url="https://example.org/ad",
                )
            },
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
        (
            ChoiceOffered(
                style="list",
                header="Когда привезти?",
                body="Выберите удобное время доставки.",
                button="Выбрать время",
                options=(
                    Option(id="1", title="Утром", description="с 9 до 12", section="Завтра"),
                    Option(id="2", title="Вечером", description="с 18 до 21", section="Завтра"),
                    Option(id="3", title="Утром", description="с 9 до 12", section="Послезавтра"),
                ),
            ),
            "out",
            {},
        ),
        (ChoiceMade(source="list", title="Вечером", description="с 18 до 21"), "in", {}),
        (
            ChoiceOffered(
                style="link",
                body="Отследить посылку можно здесь.",
                header_media=Media(sort="image", ref="f_9"),
                options=(Option(id="1", title="Отследить", url="https://example.org/t/4821"),),
            ),
            "out",
            {"media": file(mime="image/svg+xml", width=640, height=420)},
        ),
        (ChoiceOffered(style="location_request", body="Пришлите, пожалуйста, где вы."), "out", {}),
        (
            ChoiceOffered(
                style="form", body="Запишитесь на примерку.", button="Записаться", data={"form": "77"}
            ),
            "out",
            {},
        ),
        (ChoiceOffered(style="address", body="Куда доставить?", data={"country": "IN"}), "out", {}),
        (ChoiceOffered(style="call_permission", body="Удобно ли вам поговорить?"), "out", {}),
        (
            ChoiceMade(
                source="permission", title="accept", id="accept", description="2030-11-30T12:00:00+00:00"
            ),
            "in",
            {},
        ),
        (ChoiceOffered(style="contact_request", body="По какому номеру вам позвонить?"), "out", {}),
        (
            Template(
                name="autumn_sale",
                language="en_US",
                category="marketing",
                header_media=Media(sort="image", ref="f_9"),
                limited="Autumn prices",
                body="Hello *Ivan*, everything warm is 20 % off.",
                footer="Reply STOP to hear no more of this",
                buttons=(
                    Option(id="copy_code", title="Copy the code"),
                    Option(id="url", title="To the shop", url="https://example.org/sale"),
                    Option(id="quick_reply", title="Not for me"),
                ),
                parameters={"deadline": "2030-11-30T12:00:00+00:00"},
            ),
            "out",
            {"media": file(mime="image/svg+xml", width=640, height=420)},
        ),
        (
            Template(
                name="new_models",
                language="ru",
                category="marketing",
                body="Новинки недели:",
                cards=(
                    CarouselCard(
                        media=Media(sort="image", ref="f_9"),
                        body="Шарф, шерсть",
                        options=(Option(id="url", title="Смотреть", url="https://example.org/1"),),
                    ),
                    CarouselCard(
                        media=Media(sort="image", ref="f_9"),
                        body="Варежки, узор ручной работы",
                        options=(Option(id="url", title="Смотреть", url="https://example.org/2"),),
                    ),
                ),
            ),
            "out",
            {"media": file(mime="image/svg+xml", width=640, height=420)},
        ),
        (
            Carousel(
                body="Выберите цвет",
                catalog="catalog-1",
                cards=(CarouselCard(product="sku-1"), CarouselCard(product="sku-2")),
            ),
            "out",
            {},
        ),
        (
            Product(
                catalog="catalog-1",
                header="Тёплое",
                body="Всё, что осталось",
                sections=(
                    ProductSection(title="Шарфы", products=("sku-1", "sku-2")),
                    ProductSection(title="Шапки", products=("sku-7",)),
                ),
            ),
            "out",
            {},
        ),
        (Product(catalog="catalog-1", whole=True, body="Весь наш каталог"), "out", {}),
        (Product(catalog="catalog-1", products=("sku-2",), body="Есть такой синий?"), "in", {}),
        (
            Location(
                latitude=59.9386,
                longitude=30.3141,
                live_until=datetime(2030, 11, 30, 12, tzinfo=UTC),
            ),
            "in",
            {},
        ),
        (Media(sort="sticker", ref="f_9"), "in", {"media": file(mime="image/webp", width=512, height=512)}),
        (
            Media(sort="image", ref="f_9", view_once=True),
            "in",
            {"media": file(mime="image/svg+xml", width=640, height=420)},
        ),
        (
            Media(sort="document", ref="", link="https://example.org/price.pdf", name="Прайс.pdf"),
            "out",
            {},
        ),
        (Call(id="k2", outcome="ended", duration=71.0), "in", {}),
        (System(code="control_passed"), "system", {}),
        (System(code="control_taken"), "system", {}),
        (System(code="group_joined", data={"added": "Пётр"}), "system", {}),
        (
            Text(body="Да, всё верно, заказ собран"),
            "out",
            {"author": views.Author(kind="bot", name=""), "edited_at": end},
        ),
        (
            Text(body="Ждёт своей очереди"),
            "out",
            {"st": "queued", "waiting": views.Waiting(reason="messaging_limit", until=end + 90 * MINUTE)},
        ),
        (Text(body="Спасибо! Жду."), "in", {}),
    )
    found: list[views.MessageView] = []
    for n, (part, direction, extra) in enumerate(list_of):
        author = extra.pop("author", anna if direction in ("out", "note") else contact)
        st = extra.pop("st", "read" if direction == "out" else "received")
        at = end - (len(list_of) - 1 - n) * 3 * MINUTE
        found.append(
            message(
                conv, "w_1", pos=n + 1, at=at, part=part, direction=direction, author=author, st=st, **extra
            )
        )
    return found


def templates() -> list[Template]:
    """Plain ones first; then one that wants whatever a template may want."""
    return [
        Template(
            name="order_ready",
            language="ru",
            category="utility",
            body="Здравствуйте, {{1}}! Заказ {{2}} готов к выдаче.",
            parameters={"body.1": "Мария", "body.2": "4821"},
        ),
        Template(name="hello", language="en", category="marketing", body="Hello! We are open again."),
        Template(
            name="delivery_named",
            language="en",
            category="utility",
            header="Order {{number}}",
            body="{{name}}, your order comes {{day}}.",
            footer="Northern Light",
            buttons=(Option(id="url", title="Track it", url="https://example.org/t/{{1}}"),),
            parameters={
                "header.number": "4821",
                "body.name": "Anna",
                "body.day": "on Friday",
                "button.0": "4821",
            },
        ),
        Template(
            name="sale_cards",
            language="ru",
            category="marketing",
            header_media=Media(sort="image", ref=""),
            body="{{1}}, новинки недели:",
            cards=(
                CarouselCard(
                    media=Media(sort="image", ref=""),
                    body="Скидка {{1}}",
                    options=(Option(id="url", title="Смотреть", url="https://example.org/{{1}}"),),
                ),
            ),
            parameters={"body.1": "Мария", "card.0.body.1": "20 %", "card.0.button.0": "scarf"},
        ),
    ]
