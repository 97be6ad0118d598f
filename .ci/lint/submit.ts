// A front end in TypeScript: finds the form, looks a postcode up, submits, reads the receipt and the tally, by generated types alone.
import createClient from "openapi-fetch";
import type { paths } from "./postbag.js";

const base = process.argv[2];
if (base === undefined) throw new Error("usage: submit.js BASE");
const client = createClient<paths>({ baseUrl: base });
const path = { slug: "every-week-counts" };

function must<T>(answer: { data?: T; error?: { detail: string } }): T {
  if (answer.data === undefined) throw new Error(answer.error?.detail ?? "no answer");
  return answer.data;
}

const form = must(await client.GET("/v1/campaigns/{slug}/form", { params: { path } }));
const targets = must(await client.POST("/v1/campaigns/{slug}/targets", { params: { path }, body: { postcode: "ZA1 1AA" } }));
if (targets.targets.length === 0) throw new Error("nobody to write to");

const unknown = await client.POST("/v1/campaigns/{slug}/targets", { params: { path }, body: { postcode: "ZZ9 9ZZ" } });
if (unknown.error?.errors?.[0]?.pointer !== "/postcode") throw new Error("the postcode is not named");

const submitted = must(
  await client.POST("/v1/campaigns/{slug}/actions", {
    params: { path, header: { "Idempotency-Key": `lint-${Date.now()}` } },
    body: {
      supporter: {
        first_name: "Ada",
        last_name: "Ashgrove",
        email: `ada.${Date.now()}@example.org`,
        address: { line1: "1 Harbour Street", town: "Alderwick", postcode: "ZA1 1AA" },
      },
      consents: form.consent_questions.flatMap((question) =>
        question.channels.map((channel) => ({
          question_id: question.id,
          version: question.version,
          channel,
          answer: "no" as const,
        })),
      ),
    },
  }),
);

const receipt = must(
  await client.GET("/v1/actions/{id}", {
    params: { path: { id: submitted.id } },
    headers: { authorization: `Bearer ${submitted.receipt_token}` },
  }),
);
const tally = must(await client.GET("/v1/campaigns/{slug}/tally", { params: { path } }));
if (receipt.deliveries.length === 0 || tally.actions < submitted.tally.actions) throw new Error("the submission did not count");
console.log(`submitted: ${receipt.deliveries.length} messages, ${tally.actions} actions`);
