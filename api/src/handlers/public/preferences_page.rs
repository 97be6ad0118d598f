//! The page that the link to preferences opens where an organisation has none of its own: plain HTML, which works without scripts.

use super::html::{document, private_page};
use super::own_data::own_data;
use super::preferences::{actor, opened, preferred, record};
use crate::app::App;
use crate::handlers::erasure::erase;
use crate::handlers::preferences::Person;
use crate::http::extract::{AcceptLanguage, Path};
use crate::http::problem::Answer;
use crate::outbound::escape;
use crate::views::preferences::label;
use actix_web::http::header;
use actix_web::web::{Data, Form, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use postbag_domain::permission::{choices, phrases};
use postbag_domain::{
    Activity, Answer as Given, AnswerGiven, Channel, Choice, ConsentQuestion, FieldErrors, Locale, PreferenceChange,
    Purpose, QuestionId, Stance, Standing, consent,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Serves the page. It is for people and no part of the API, so it is not in the document.
pub(crate) fn register(routes: &mut ServiceConfig) {
    routes.service(get_preferences_page).service(change_on_page);
}

/// Shows a person's preferences. Opening the page changes nothing (B17).
#[get("/preferences/{token}")]
async fn get_preferences_page(
    request: HttpRequest,
    app: Data<App>,
    token: Path<String>,
    languages: AcceptLanguage,
) -> Answer {
    let locale = preferred(&languages);
    let Some(person) = opened(&app, &token.0).await? else { return Ok(private_page(Words::of(locale).gone(locale))) };
    if request.query_string() == DATA {
        let view = own_data(&app, &person).await?;
        return Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view));
    }
    let questions = app.store.questions_of_organisation(person.organisation.id).await?;
    Ok(private_page(draw(&person, &questions.asked, locale, "")))
}

/// Records what the person changed on the page, and nothing that they left as it was.
#[post("/preferences/{token}")]
async fn change_on_page(
    app: Data<App>,
    token: Path<String>,
    languages: AcceptLanguage,
    fields: Form<Vec<(String, String)>>,
) -> Answer {
    let locale = preferred(&languages);
    let words = Words::of(locale);
    let Some(person) = opened(&app, &token.0).await? else { return Ok(private_page(words.gone(locale))) };
    if is_ticked(&fields.0, ERASE) {
        erase(&app, &person, false, actor(&app), false).await?;
        return Ok(private_page(words.erased(locale)));
    }
    let questions = app.store.questions_of_organisation(person.organisation.id).await?;
    let change = changed(&fields.0, &person.standing(), &questions.asked, locale)?;
    if change.is_empty() {
        return Ok(private_page(draw(&person, &questions.asked, locale, words.unchanged)));
    }
    record(&app, &person, change, locale).await?;
    Ok(private_page(draw(&person.again(&app).await?, &questions.asked, locale, words.saved)))
}

/// The query that downloads everything instead of showing the page.
const DATA: &str = "data";
/// The name of the field that answers a question: `answer/<question>/<version>/<channel>`.
const ANSWER: &str = "answer";
/// The name of the field that ends what nobody asks for any more: `end/<purpose>/<channel>`.
const END: &str = "end";
/// The name of the fields that object to an activity.
const OBJECT: &str = "object";
/// The name of the field that says that all of these are there: what is not ticked then is not objected to any more.
const WHOLE: &str = "whole";
/// The name of the button that ends everything.
const EVERYTHING: &str = "everything";
/// The box that confirms an erasure.
const ERASE: &str = "erase";

fn is_ticked(fields: &[(String, String)], wanted: &str) -> bool {
    fields.iter().any(|(name, _)| name == wanted)
}

/// What differs between the posted fields and what is in force. Fields that this page does not have are passed over.
fn changed(
    fields: &[(String, String)],
    standing: &Standing,
    asked: &[ConsentQuestion],
    locale: Locale,
) -> Result<PreferenceChange, FieldErrors> {
    if is_ticked(fields, EVERYTHING) {
        return Ok(PreferenceChange { withdraws_everything: true, ..PreferenceChange::default() });
    }
    let given: Vec<_> = fields.iter().filter_map(|(name, value)| answer(name, value)).collect();
    let mut answers = consent::decide(&asked.iter(), &given, locale, Locale::En)?;
    answers.retain(|answer| standing.answered(&answer.purpose, answer.channel) != Some(answer.answer));
    let ended = fields.iter().filter_map(|(name, _)| ending(name));
    let withdrawn = ended.filter(|(purpose, channel)| !standing.has_ended(purpose, *channel)).collect();
    Ok(PreferenceChange { answers, withdrawn, objections: objections(fields, standing), ..PreferenceChange::default() })
}

fn answer(name: &str, value: &str) -> Option<AnswerGiven> {
    let mut parts = name.strip_prefix(ANSWER)?.strip_prefix('/')?.split('/');
    let question_id: QuestionId = parts.next()?.parse().ok()?;
    let version = parts.next()?.parse().ok()?;
    Some(AnswerGiven { question_id, version, channel: parts.next()?.parse().ok()?, answer: value.parse().ok()? })
}

fn ending(name: &str) -> Option<(Purpose, Channel)> {
    let (purpose, channel) = name.strip_prefix(END)?.strip_prefix('/')?.split_once('/')?;
    Some((Purpose::parse(purpose).ok()?, channel.parse().ok()?))
}

fn objections(fields: &[(String, String)], standing: &Standing) -> BTreeMap<Activity, Stance> {
    let is_whole = is_ticked(fields, WHOLE);
    let is_raised =
        |activity: Activity| fields.iter().any(|(name, value)| name == OBJECT && value == activity.as_str());
    let stance = |activity: &Activity| match (is_raised(*activity), standing.objection(*activity).is_some()) {
        (true, false) => Some((*activity, Stance::Objects)),
        (false, true) if is_whole => Some((*activity, Stance::Allows)),
        (true, true) | (false, _) => None,
    };
    Activity::ALL.iter().filter_map(stance).collect()
}

fn draw(person: &Person, asked: &[ConsentQuestion], locale: Locale, notice: &str) -> String {
    let (words, standing) = (Words::of(locale), person.standing());
    let name = escape(&person.organisation.content.name);
    let mut body = String::new();
    if !notice.is_empty() {
        let _ = writeln!(body, "<p role=\"status\"><strong>{notice}</strong></p>");
    }
    let address = person.ledger.address.as_ref().map_or("", |address| address.as_str());
    let _ = writeln!(body, "<p>{name} · {}</p>\n<form method=\"post\">\n<h2>{}</h2>", escape(address), words.contact);
    for choice in choices(&standing, asked) {
        let label = escape(&label(&choice, &person.ledger, locale));
        draw_choice(&mut body, &choice, &label, standing.answered(&choice.purpose, choice.channel), locale);
    }
    let _ = writeln!(body, "<h2>{}</h2>\n<p>{}</p>", words.objections, words.objections_explained);
    for activity in Activity::ALL {
        let checked = if standing.objection(*activity).is_some() { " checked" } else { "" };
        let _ = writeln!(
            body,
            "<p><label><input type=\"checkbox\" name=\"{OBJECT}\" value=\"{activity}\"{checked}> {}</label></p>",
            phrases::activity(*activity, locale)
        );
    }
    let _ = write!(
        body,
        "<p><button name=\"{WHOLE}\" value=\"1\">{save}</button></p>\n</form>\n<h2>{all}</h2>\n<p>{all_explained}</p>\n\
         <form method=\"post\"><button name=\"{EVERYTHING}\" value=\"1\">{all}</button></form>\n\
         <h2>{data}</h2>\n<p><a href=\"?data\" download=\"data.json\">{download}</a></p>\n<form method=\"post\">\n\
         <p><label><input type=\"checkbox\" name=\"{ERASE}\" value=\"1\" required> {sure}</label></p>\n\
         <p><button>{erase}</button></p>\n</form>\n",
        save = words.save,
        all = words.everything,
        all_explained = words.everything_explained,
        data = words.data,
        download = words.download,
        sure = words.erase_explained,
        erase = words.erase,
    );
    document(locale, words.title, &body)
}

/// A question with the answers that it takes, or a box to end what nobody asks for any more. `label` is HTML.
fn draw_choice(body: &mut String, choice: &Choice<'_>, label: &str, answered: Option<Given>, locale: Locale) {
    let (purpose, channel) = (&choice.purpose, choice.channel);
    let _ = writeln!(body, "<fieldset><legend>{label} <em>({})</em></legend>", phrases::channel(channel, locale));
    if let Some(question) = choice.question {
        for answer in question.current().answers() {
            let checked = if answered == Some(*answer) { " checked" } else { "" };
            let _ = writeln!(
                body,
                "<label><input type=\"radio\" name=\"{ANSWER}/{}/{}/{channel}\" value=\"{answer}\"{checked}> {}</label>",
                question.id(),
                question.version(),
                phrases::answer(*answer, locale)
            );
        }
    } else {
        let state = if answered == Some(Given::No) { " checked disabled" } else { "" };
        let _ = writeln!(
            body,
            "<label><input type=\"checkbox\" name=\"{END}/{purpose}/{channel}\" value=\"1\"{state}> {}</label>",
            phrases::answer(Given::No, locale)
        );
    }
    body.push_str("</fieldset>\n");
}

/// The page's words in one language.
struct Words {
    title: &'static str,
    contact: &'static str,
    objections: &'static str,
    objections_explained: &'static str,
    save: &'static str,
    saved: &'static str,
    unchanged: &'static str,
    everything: &'static str,
    everything_explained: &'static str,
    data: &'static str,
    download: &'static str,
    erase: &'static str,
    erase_explained: &'static str,
    erased: &'static str,
    erased_explained: &'static str,
    gone: &'static str,
    gone_explained: &'static str,
}

impl Words {
    const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                title: "Your preferences",
                contact: "How we may contact you",
                objections: "What you object to",
                objections_explained: "Tick what we must not do with your data.",
                save: "Save",
                saved: "Saved. It is in force now, and a mail tells you what was changed.",
                unchanged: "Nothing was changed.",
                everything: "End everything",
                everything_explained: "No to all that we ever asked you, and no direct marketing of any kind.",
                data: "Your data",
                download: "Download everything that is held on you",
                erase: "Delete my data",
                erase_explained: "Delete my name, my address and my messages. Messages that have not left are not sent. It cannot be undone.",
                erased: "Your data is deleted",
                erased_explained: "Your name, your address and your messages are gone. What stays cannot be traced to you.",
                gone: "This link does not work",
                gone_explained: "It may be older than a week, or only a part of it was copied. Nothing was changed. Ask for a new one.",
            },
            Locale::Cy => Self {
                title: "Eich dewisiadau",
                contact: "Sut y cawn gysylltu â chi",
                objections: "Yr hyn rydych yn ei wrthwynebu",
                objections_explained: "Ticiwch yr hyn na chawn ei wneud â'ch data.",
                save: "Cadw",
                saved: "Wedi'i gadw. Mae mewn grym yn awr, a bydd neges yn dweud beth sydd wedi newid.",
                unchanged: "Ni newidiwyd dim.",
                everything: "Rhoi'r gorau i bopeth",
                everything_explained: "Na i bopeth a ofynnwyd i chi erioed, a dim marchnata uniongyrchol o unrhyw fath.",
                data: "Eich data",
                download: "Lawrlwytho popeth a gedwir amdanoch",
                erase: "Dileu fy nata",
                erase_explained: "Dileu fy enw, fy nghyfeiriad a'm negeseuon. Ni chaiff negeseuon sydd heb adael eu hanfon. Ni ellir ei ddadwneud.",
                erased: "Mae eich data wedi'i ddileu",
                erased_explained: "Mae eich enw, eich cyfeiriad a'ch negeseuon wedi mynd. Ni ellir olrhain yr hyn sy'n aros atoch chi.",
                gone: "Nid yw'r ddolen hon yn gweithio",
                gone_explained: "Gall fod yn hŷn nag wythnos, neu dim ond rhan ohoni a gopïwyd. Ni newidiwyd dim. Gofynnwch am un newydd.",
            },
            Locale::Gd => Self {
                title: "Na roghainnean agad",
                contact: "Mar a dh'fhaodas sinn fios a chur thugad",
                objections: "Na tha thu a' cur na aghaidh",
                objections_explained: "Cuir strìoc ri na rudan nach fhaod sinn a dhèanamh leis an dàta agad.",
                save: "Sàbhail",
                saved: "Air a shàbhaladh. Tha e an sàs a-nis, agus innsidh post-d dè dh'atharraich.",
                unchanged: "Cha deach dad atharrachadh.",
                everything: "Cuir crìoch air a h-uile rud",
                everything_explained: "Chan eil do gach nì a dh'fhaighnich sinn a-riamh, agus gun mhargaidheachd dhìreach sam bith.",
                data: "An dàta agad",
                download: "Luchdaich a-nuas gach nì a tha air a chumail mu do dheidhinn",
                erase: "Sguab às an dàta agam",
                erase_explained: "Sguab às m' ainm, mo sheòladh agus mo theachdaireachdan. Cha tèid teachdaireachdan nach do dh'fhalbh a chur. Cha \
                                  ghabh seo a thilleadh.",
                erased: "Tha an dàta agad air a sguabadh às",
                erased_explained: "Dh'fhalbh d' ainm, do sheòladh agus do theachdaireachdan. Chan lorgar thusa leis na dh'fhanas.",
                gone: "Chan eil an ceangal seo ag obair",
                gone_explained: "Dh'fhaodadh gu bheil e nas sine na seachdain, no nach deach ach pàirt dheth a chopaigeadh. Cha deach dad \
                                 atharrachadh. Iarr fear ùr.",
            },
        }
    }

    fn erased(&self, locale: Locale) -> String {
        document(locale, self.erased, &format!("<p>{}</p>", self.erased_explained))
    }

    fn gone(&self, locale: Locale) -> String {
        document(locale, self.gone, &format!("<p>{}</p>", self.gone_explained))
    }
}
