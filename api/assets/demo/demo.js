// The demo's front end: postcode → targets → preview → submit → receipt → count, by the public API alone.

import { Solutions, solve } from "./challenge.js";

const $ = (id) => document.getElementById(id);
const state = { campaign: null, form: null, areas: {}, targets: null, draft: null, solutions: null, opened: 0 };

/** Calls the API; a problem (RFC 9457) is thrown as it is. */
async function call(path, { body, headers = {} } = {}) {
  const options = body === undefined ? { headers, cache: "no-cache" } : {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const json = await answer.json();
  if (!answer.ok) throw json;
  return json;
}

/** Makes an element; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Shows a step and moves the focus to its heading, so that keyboards and screen readers follow. */
function show(id) {
  $(id).hidden = false;
  const title = $(id).querySelector("h2");
  title.focus({ preventScroll: true });
  title.scrollIntoView({ behavior: "smooth", block: "start" });
}

function hide(...ids) {
  for (const id of ids) $(id).hidden = true;
}

/** Takes away what was said of the fields. */
function unmark() {
  document.querySelectorAll(".flaw").forEach((flaw) => flaw.remove());
  for (const field of document.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/** Says what went wrong: beside the fields where the problem names them, else at the foot of the page. */
function explain(problem) {
  unmark();
  const loose = (problem.reasons ?? []).map((reason) => reason.text);
  for (const error of problem.errors ?? []) {
    const field = document.querySelector(`section:not([hidden]) [data-pointer="${CSS.escape(error.pointer)}"]`);
    if (!field) {
      loose.push(error.detail);
      continue;
    }
    const id = `flaw-${error.pointer.replaceAll("/", "-")}`;
    (field.closest(".row") ?? field).after(make("p", { class: "flaw", id }, error.detail));
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
  }
  document.querySelector("[aria-invalid]")?.focus();
  const detail = problem.notice ?? problem.detail ?? problem.title ?? String(problem);
  const said = problem.errors?.some((error) => error.detail === detail) ? "Please check the marked field." : detail;
  $("problem").textContent = [said, ...loose].join(" ");
  $("problem").hidden = false;
}

/** Runs a step and explains its problem, if it has one. */
async function attempt(step) {
  hide("problem");
  unmark();
  try {
    await step();
  } catch (problem) {
    explain(problem);
  }
}

const url = (rest = "") => `/v1/campaigns/${encodeURIComponent(state.campaign)}${rest}`;
const officeName = {
  mp: "MP", msp_constituency: "MSP", msp_region: "regional MSP", ms: "Member of the Senedd",
  ms_region: "regional Member of the Senedd", mla: "MLA",
};

async function listCampaigns() {
  const { items } = await call("/v1/campaigns");
  $("campaigns").replaceChildren(...items.map((campaign) => {
    const card = make("button", { type: "button", "aria-pressed": "false" },
      make("strong", {}, campaign.title), make("span", {}, campaign.summary),
      make("span", { class: "hint" }, campaign.organisation.name));
    card.onclick = () => attempt(() => choose(campaign, card));
    return card;
  }));
}

async function choose(campaign, card) {
  document.querySelectorAll("#campaigns button").forEach((other) => other.setAttribute("aria-pressed", String(other === card)));
  state.campaign = campaign.slug;
  state.form = await call(url("/form"));
  const { notices } = await call(url(""));
  $("notices").replaceChildren(...notices.map(({ detail }) => make("p", {}, detail)));
  hide("areas-form", "write", "check", "done", "nobody");
  $("targets").replaceChildren();
  show("find");
}

/** Finds whom the postcode writes to; `areas` says where the person lives, by kind, where the postcode does not. */
async function find(areas = {}) {
  const postcode = $("postcode").value;
  // What belongs to another postcode goes before anything can fail.
  hide("areas-form", "write", "check", "done", "nobody");
  $("targets").replaceChildren();
  state.areas = areas;
  let found;
  try {
    found = await call(url("/targets"), { body: { postcode, area_choices: areas } });
  } catch (problem) {
    offer(problem.choices ?? []);
    throw problem;
  }
  state.targets = found;
  if (offer(found.choices)) return;
  $("targets").replaceChildren(...found.by_office.flatMap((office) => drawOffice(office, found.targets)),
    ...found.bodies.map((body) => make("li", {}, make("strong", {}, body.name), " (named in the letter)")));
  if (!found.targets.some((target) => ["email", "via_office"].includes(target.reachable))) {
    $("nobody").textContent = "Nobody there can be written to at the moment, so there is nothing to fill in.";
    $("nobody").hidden = false;
    $("targets").focus();
    return;
  }
  drawForm(found.postcode);
  show("write");
}

/** A word of the API as a heading. */
const heading = (word) => word[0].toUpperCase() + word.slice(1).replaceAll("_", " ");

/** Asks where the person lives, where there is something to ask: nothing is guessed. */
function offer(choices) {
  const kinds = [...new Set(choices.map((choice) => choice.kind))];
  $("areas").replaceChildren(...kinds.map((kind) => {
    const areas = choices.filter((choice) => choice.kind === kind);
    const question = areas.length === 1 ? "is this yours?" : "which is yours?";
    return make("fieldset", {}, make("legend", {}, `${heading(kind)}: ${question}`),
      ...areas.map((area) => make("label", { class: "tick" },
        make("input", { type: "radio", name: kind, value: area.code, required: true }), ` ${area.name}`)));
  }));
  $("areas-form").hidden = kinds.length === 0;
  $("areas").querySelector("input")?.focus();
  return kinds.length > 0;
}

/** The people of one office, with the campaign's rule for it; where the rule is to choose, each with a box to tick. */
function drawOffice(office, targets) {
  const held = `${officeName[office.office]} for ${office.area.name}`;
  const rule = {
    choice: `Please choose up to ${office.up_to}`,
    random: `A lot decides who is written to: ${office.up_to}`,
    least_written_to: `Those written to least so far are written to: ${office.up_to}`,
  }[office.write_to];
  const people = targets.filter((target) => target.office === office.office).map((target) => {
    const empty = target.reachable === "not_loaded" ? "Not known yet" : "Vacant seat";
    const name = make("strong", {}, target.name ?? empty);
    const open = ["email", "via_office"].includes(target.reachable);
    return make("li", {}, make("span", { class: "state" }, target.reachable.replaceAll("_", " ")),
      open && office.write_to === "choice" ? make("label", { class: "tick" }, drawTick(target, office), " ", name) : name,
      ` ${held}`, target.party ? `, ${target.party}` : "");
  });
  return rule ? [make("li", { class: "rule" }, `${held} (${office.seats} seats). ${rule}.`), ...people] : people;
}

/** A box that cannot be ticked once as many are as may be chosen. */
function drawTick(target, { office, up_to: most }) {
  const tick = make("input", { type: "checkbox", value: target.representative_id, "data-office": office });
  tick.onchange = () => {
    const ticks = [...document.querySelectorAll(`#targets [data-office="${office}"]`)];
    const full = ticks.filter((other) => other.checked).length >= most;
    ticks.forEach((other) => { other.disabled = full && !other.checked; });
  };
  return tick;
}

/** Whom the person chose, with everybody of whom there is no choice; nothing where all rules decide by themselves. */
function chosen() {
  const offices = state.targets.by_office;
  if (!offices.some((office) => office.write_to === "choice")) return null;
  const ticked = [...document.querySelectorAll("#targets input:checked")].map((tick) => tick.value);
  const others = offices.filter((office) => office.write_to !== "choice").flatMap((office) => office.representative_ids);
  return ticked.length ? [...others, ...ticked] : null;
}

function drawForm(postcode) {
  const fields = state.form.fields.map((field) => {
    const id = `field-${field.name}`;
    const control = make(field.kind === "prose" ? "textarea" : "input", {
      id, "data-pointer": field.pointer, required: field.required, autocomplete: field.autocomplete, maxlength: field.max_length,
      type: field.kind === "prose" ? null : field.kind === "line" ? "text" : field.kind,
    });
    if (field.name === "postcode") control.value = postcode;
    return make("div", { class: field.kind === "prose" ? "wide" : null },
      make("label", { for: id }, field.label, field.required ? "" : " (optional)"), control);
  });
  $("fields").replaceChildren(...fields, drawHoneypot(state.form.honeypot));
  state.opened = performance.now();
  const { rule, provider } = state.form.challenge;
  state.solutions = rule !== "off" && provider === "proof_of_work" ? new Solutions(url("/challenge")) : null;
  const { partners, ...own } = state.form;
  $("questions").replaceChildren(...asked(own),
    ...partners.flatMap((partner) => asked(partner, partner.organisation)));
}

/** A field that people neither see nor reach: who fills it in is a machine. */
function drawHoneypot({ name, label }) {
  const id = `field-${name}`;
  return make("div", { class: "unseen", "aria-hidden": "true" }, make("label", { for: id }, label),
    make("input", { id, tabindex: "-1", autocomplete: "off" }));
}

/** What an organisation asks and gives notice of; a partner under its name. */
function asked({ consent_questions: questions, objections, privacy_notice: notice }, partner) {
  const boxes = objections.map((objection) => make("div", {}, make("label", { class: "tick" },
    make("input", { type: "checkbox", "data-activity": objection.activity, "data-version": objection.version,
      "data-organisation": partner?.slug }), ` ${objection.wording}`),
  ...(objection.long_wording
    ? [make("details", {}, make("summary", {}, "What this means"), make("p", {}, objection.long_wording))] : [])));
  return [
    ...(partner ? [make("h3", {}, `${partner.name} asks:`)] : []),
    ...questions.map(drawQuestion),
    ...(boxes.length ? [make("fieldset", {}, make("legend", {}, "Please do not"), ...boxes)] : []),
    make("p", { class: "hint" }, "How your details are used: ",
      make("a", { href: (notice ?? partner?.privacy_notice)?.url ?? "#" },
        partner ? `privacy notice of ${partner.name}` : "privacy notice")),
  ];
}

function drawQuestion(question) {
  const answers = question.basis === "charitable_soft_opt_in" ? ["not_refused", "no"] : ["yes", "no"];
  return make("fieldset", {}, make("legend", {}, heading(question.purpose)), make("p", {}, question.wording),
    ...question.channels.flatMap((channel) => answers.map((answer) => make("label", { class: "tick" },
      make("input", { type: "radio", name: `consent-${question.id}-${channel}`, value: answer,
        "data-question": question.id, "data-version": question.version, "data-channel": channel }),
      ` ${channel}: ${answer === "not_refused" ? "no objection" : answer}`))));
}

/** Puts each field's value where its JSON Pointer says. */
function collect() {
  const body = { supporter: { address: {} }, area_choices: state.areas, target_ids: chosen(), locale: state.form.locale };
  for (const control of document.querySelectorAll("#fields [data-pointer]")) {
    const path = control.dataset.pointer.split("/").slice(1);
    const place = path.slice(0, -1).reduce((object, key) => (object[key] ??= {}), body);
    place[path.at(-1)] = control.value.trim() === "" && !control.required ? null : control.value;
  }
  return body;
}

function answers() {
  const ticked = (selector) => [...document.querySelectorAll(`#questions ${selector}:checked`)];
  return {
    consents: ticked("input[type=radio]").map(({ dataset, value }) => ({
      question_id: dataset.question, version: Number(dataset.version), channel: dataset.channel, answer: value })),
    objections: ticked("input[type=checkbox]").map(({ dataset }) => ({
      activity: dataset.activity, version: Number(dataset.version), organisation: dataset.organisation })),
  };
}

async function preview() {
  state.draft = collect();
  const { messages } = await call(url("/previews"), { body: state.draft });
  $("letters").replaceChildren(...messages.map((message) => make("article", {},
    make("p", { class: "hint" }, `To ${message.name}, ${officeName[message.office]}`),
    make("strong", {}, message.subject), make("pre", {}, message.body))));
  state.key = crypto.randomUUID();
  hide("done");
  show("check");
}

/** How the form was filled in. */
const filling = () => ({
  website: $(`field-${state.form.honeypot.name}`).value || null,
  seconds: Math.round((performance.now() - state.opened) / 1000),
});

/** Submits with the solution of a challenge, and once more with that of the one that a refusal brings. */
async function submit() {
  const once = (challenge) => call(url("/actions"), {
    body: { ...state.draft, ...answers(), source: { source: "demo" }, form: filling(), challenge },
    headers: { "Idempotency-Key": state.key },
  });
  try {
    return await once(await state.solutions?.take());
  } catch (problem) {
    const set = problem.challenge?.proof_of_work;
    if (!set) throw problem;
    return once(await solve(set));
  }
}

async function send() {
  const receipt = await submit();
  state.receipt = receipt;
  $("thanks").textContent = {
    awaiting_confirmation: "Thank you. Please confirm:",
    in_review: "Thank you. Somebody looks at it before it is sent:",
  }[receipt.status] ?? "Thank you. What became of each letter:";
  $("confirm-form").hidden = receipt.status !== "awaiting_confirmation";
  show("done");
  await follow(receipt);
}

/** Says beside a message how much of it is the person's own. */
async function hint(message) {
  const text = message.value.trim();
  const line = message.parentElement.querySelector(".originality")
    ?? message.parentElement.appendChild(make("p", { class: "hint originality", role: "status" }));
  const measured = text && await call(url("/originality"), { body: { personal_message: text, locale: state.form.locale } });
  line.textContent = measured ? measured.hint : "";
}

async function confirm(code) {
  await call("/v1/confirmations", { body: { action_id: state.receipt.id, code } });
  $("confirm-form").hidden = true;
  $("thanks").textContent = "Confirmed. What became of each letter:";
  await follow(state.receipt);
}

async function follow({ id, receipt_token: token }) {
  for (let round = 0; round < 20; round += 1) {
    const receipt = await call(`/v1/actions/${id}`, { headers: { Authorization: `Bearer ${token}` } });
    const reasons = receipt.status === "in_review" ? receipt.review.reasons : [];
    $("receipt").replaceChildren(...reasons.map((reason) => make("li", {}, reason.text)), ...receipt.deliveries.map((delivery) => make("li", {},
      make("span", { class: "state" }, delivery.state.replaceAll("_", " ")),
      make("strong", {}, delivery.name), ` ${officeName[delivery.office]}`)));
    const tally = await call(url("/tally"));
    $("count").textContent = `Taken part so far: ${tally.actions}. Up to last midnight, `
      + `${tally.representatives.contacted} of ${tally.representatives.of} representatives were written to, `
      + `by ${tally.messages.accepted} letters.`;
    if (receipt.status !== "in_review" && receipt.deliveries.every((delivery) => !["queued", "sending"].includes(delivery.state))) return;
    await new Promise((wake) => setTimeout(wake, 700));
  }
}

$("fields").onchange = ({ target }) => {
  if (target.dataset.pointer === "/personal_message") attempt(() => hint(target));
};
$("find-form").onsubmit = (event) => { event.preventDefault(); attempt(() => find()); };
$("areas-form").onsubmit = (event) => {
  event.preventDefault();
  const areas = Object.fromEntries(new FormData(event.target));
  attempt(() => find(areas));
};
$("write-form").onsubmit = (event) => { event.preventDefault(); attempt(preview); };
$("confirm-form").onsubmit = (event) => {
  event.preventDefault();
  attempt(() => confirm(event.target.elements.code.value));
};
$("send").onclick = () => attempt(send);
for (const example of document.querySelectorAll("[data-postcode]")) {
  example.onclick = (event) => {
    event.preventDefault();
    $("postcode").value = example.dataset.postcode;
    attempt(() => find());
  };
}
attempt(listCampaigns);
