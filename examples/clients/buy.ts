// Buys a mug with openapi-fetch and the types that openapi-typescript generates from /openapi.json; tsc checks it.
//
//   npx openapi-typescript http://127.0.0.1:5000/openapi.json --default-non-nullable false --output shop.d.ts
//   npx tsc && node buy.js http://127.0.0.1:5000
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./shop.js";

type Order = components["schemas"]["Order"];
type Payment = components["schemas"]["Payment"];
type Quote = components["schemas"]["Quote"];

const base = process.argv[2];
const shop = createClient<paths>({ baseUrl: base });

async function main(): Promise<void> {
  const account = { email: `${randomUUID()}@example.com`, password: "correct horse battery staple" };
  await shop.POST("/api/v1/users", { body: { ...account, name: "Ada" } });
  const { data: tokens } = await shop.POST("/api/v1/auth/login", { body: account });
  if (!tokens) throw new Error("not signed in");
  shop.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${tokens.access_token}`);
      return request;
    },
  });

  const { data: found } = await shop.GET("/api/v1/products", { params: { query: { q: "mug", limit: 1 } } });
  const slug = found!.items[0]!.slug;
  const { data: product } = await shop.GET("/api/v1/products/{ref}", { params: { path: { ref: slug } } });
  const variant = product!.variants[0]!;
  const items = [{ sku: variant.sku, quantity: 2 }];
  const to = { country: "DE" as const, region: "", postal_code: "10117" };
  const street = { line1: "Unter den Linden 1", line2: "", city: "Berlin" };
  const address = { name: "Ada", company: "", phone: "", ...street, ...to };
  const quote = await until(async (): Promise<Quote | undefined> => {
    const { data } = await shop.POST("/api/v1/cart/quote", { body: { items, ...to } });
    return data;
  });
  const method = quote.methods[0]; // a shop that does not ship has none, and needs none
  const total = method ? method.totals.total : quote.totals.total;
  const delivery = method ? { shipping_method: method.code, shipping_address: address, email: account.email } : {};

  const order = await until(async (): Promise<Order | undefined> => {
    const { data } = await shop.POST("/api/v1/orders", {
      params: { header: { "Idempotency-Key": randomUUID() } },
      body: { items, expected_total: total, ...delivery },
    });
    return data;
  });
  const payment = await until(async (): Promise<Payment | undefined> => {
    const { data } = await shop.GET("/api/v1/payments", { params: { query: { order_id: order.id, wait: 5 } } });
    return data?.items[0];
  });
  await shop.POST("/api/v1/payments/{payment_id}/confirm", {
    params: { path: { payment_id: payment.id }, header: { "Idempotency-Key": randomUUID() } },
    body: { payment_method: "pm_card_visa" },
  });
  await until(async (): Promise<Order | undefined> => {
    const { data } = await shop.GET("/api/v1/orders/{order_id}", {
      params: { path: { order_id: order.id }, query: { wait: 5 } },
    });
    return data?.status === "paid" ? data : undefined;
  });
  console.log(`order ${order.id} is paid: ${total.amount} ${total.currency}`);
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 60; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("Timeout: the shop did not get there within 30 seconds.");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
