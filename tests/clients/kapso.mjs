// Sends everything @kapso/whatsapp-cloud-api can send. What to talk to comes as JSON on stdin; what became of
// each send goes as JSON to stdout, with the names of all methods that the client has for messages.

import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

const given = JSON.parse(await read(process.stdin));
const client = new WhatsAppClient({ accessToken: given.token, baseUrl: given.url, graphVersion: "v23.0" });
const { number, user, asked, bsuid, link } = given;
const from = { phoneNumberId: number };
const to = { ...from, to: user };

const file = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47])], { type: "image/png" });
const uploaded = await client.media.upload({ ...from, type: "image/png", file, fileName: "a.png" });
const described = await client.media.get({ ...from, mediaId: uploaded.id });

const interactive = { type: "location_request_message", body: { text: "Where?" }, action: { name: "send_location" } };
const card = (cardIndex) => ({
  cardIndex,
  header: { type: "image", image: { link } },
  bodyText: `Card ${cardIndex}`,
  action: { displayText: "Look", url: link },
});

// name: [method, what it is given]
const sends = {
  text: ["sendText", { ...to, body: "Hello", previewUrl: true }],
  "text to a BSUID": ["sendText", { ...from, recipient: bsuid, body: "Hello" }],
  quote: ["sendText", { ...to, body: "Yes", contextMessageId: asked, bizOpaqueCallbackData: "txn" }],
  image: ["sendImage", { ...to, image: { id: uploaded.id, caption: "Here" } }],
  audio: ["sendAudio", { ...to, audio: { link } }],
  voice: ["sendAudio", { ...to, audio: { link, voice: true } }],
  document: ["sendDocument", { ...to, document: { link, filename: "a.pdf", caption: "Here" } }],
  video: ["sendVideo", { ...to, video: { link, caption: "Here" } }],
  sticker: ["sendSticker", { ...to, sticker: { link } }],
  location: ["sendLocation", { ...to, location: { latitude: 59.9, longitude: 30.3, name: "Shop" } }],
  contacts: [
    "sendContacts",
    { ...to, contacts: [{ name: { formattedName: "Ann Bee", firstName: "Ann" }, phones: [{ phone: "+15550100" }] }] },
  ],
  template: [
    "sendTemplate",
    {
      ...to,
      template: {
        name: "ready",
        language: { code: "en" },
        components: [{ type: "body", parameters: [{ type: "text", text: "17" }] }],
      },
    },
  ],
  reaction: ["sendReaction", { ...to, reaction: { messageId: asked, emoji: "👍" } }],
  button: [
    "sendInteractiveButtons",
    { ...to, bodyText: "Shall we?", header: { type: "text", text: "Today" }, buttons: [{ id: "y", title: "Yes" }] },
  ],
  list: [
    "sendInteractiveList",
    {
      ...to,
      bodyText: "Which?",
      buttonText: "Open",
      sections: [{ title: "Flowers", rows: [{ id: "r", title: "Roses", description: "Red" }] }],
    },
  ],
  product: ["sendInteractiveProduct", { ...to, bodyText: "This one", catalogId: "11", productRetailerId: "p1" }],
  product_list: [
    "sendInteractiveProductList",
    {
      ...to,
      bodyText: "All we have",
      header: { type: "text", text: "Flowers" },
      catalogId: "11",
      sections: [{ title: "Roses", productItems: [{ productRetailerId: "p1" }] }],
    },
  ],
  flow: [
    "sendInteractiveFlow",
    { ...to, bodyText: "Book", parameters: { flowId: "77", flowCta: "Book", flowMessageVersion: "3", flowToken: "t" } },
  ],
  address_message: ["sendInteractiveAddress", { ...to, bodyText: "Where to?", parameters: { country: "IN" } }],
  location_request_message: [
    "sendInteractiveLocationRequest",
    { ...to, bodyText: "Where are you?", parameters: { requestMessage: "Where are you?" } },
  ],
  call_permission_request: [
    "sendInteractiveCallPermission",
    { ...to, bodyText: "May we call?", parameters: { phoneNumber: user } },
  ],
  cta_url: ["sendInteractiveCtaUrl", { ...to, bodyText: "Look", parameters: { displayText: "Look", url: link } }],
  carousel: ["sendInteractiveCarousel", { ...to, bodyText: "Look", cards: [card(0), card(1)] }],
  catalog_message: ["sendInteractiveCatalogMessage", { ...to, bodyText: "All we have" }],
  "raw interactive": ["sendInteractiveRaw", { ...to, interactive }],
  raw: [
    "sendRaw",
    { ...from, payload: { messaging_product: "whatsapp", to: user, type: "text", text: { body: "Raw" } } },
  ],
  read: ["markRead", { ...from, messageId: asked, typingIndicator: { type: "text" } }],
};

const found = {};
for (const [name, [method, input]] of Object.entries(sends)) {
  try {
    const answer = await client.messages[method](input);
    found[name] = { method, id: answer.messages?.[0]?.id ?? "", success: answer.success ?? null };
  } catch (error) {
    found[name] = { method, error: String(error?.message ?? error) };
  }
}
const own = Object.getOwnPropertyNames(Object.getPrototypeOf(client.messages));
const methods = own.filter((name) => name !== "constructor");
process.stdout.write(JSON.stringify({ sends: found, methods, media: { id: uploaded.id, url: described.url } }));
