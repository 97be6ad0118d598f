//! Campaigns to test with, published as an organisation's script would publish them.

use serde_json::{Value, json};
use std::time::Duration;

use crate::client::Answer;
use crate::server::{Server, eventually};

/// The letter of [`CampaignPlan::fair_care`].
pub const FAIR_CARE_BODY: &str = "Dear {{ representative.salutation }},\n\n\
    {% if personal_message %}{{ personal_message }}\n\n{% endif %}\
    As my {{ representative.office_title }}, please ask {{ body.name }} on behalf of {{ area.name }} to\n\n\
    {% for ask in asks %}{{ loop.index }}. {{ ask.text }}\n{% endfor %}\n\
    Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.address }}\n";

/// The letter of [`CampaignPlan::clean_air`].
pub const CLEAN_AIR_BODY: &str = "Dear {{ representative.salutation }},\n\n\
    {% if personal_message %}{{ personal_message }}\n\n{% endif %}\
    I write to you as my {{ representative.office_title }} for {{ area.name }}:\n\n\
    {% for ask in asks %}- {{ ask.text }}\n{% endfor %}\n\
    Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.address }}\n";

/// Everything that is put before a campaign goes live.
#[derive(Clone, Debug)]
pub struct CampaignPlan {
    /// The organisation's slug.
    pub organisation: String,
    /// The organisation's document.
    pub organisation_document: Value,
    /// The campaign's slug.
    pub slug: String,
    /// The campaign's document.
    pub document: Value,
    /// The body of the PUT of asks.
    pub asks: Value,
    /// The bodies of the POSTs of templates.
    pub templates: Vec<Value>,
    /// The body of the PUT of consent questions.
    pub questions: Value,
}

/// A published campaign.
#[derive(Clone, Debug)]
pub struct Published {
    /// The campaign's slug.
    pub slug: String,
    /// The answer to the PUT of consent questions.
    pub questions: Value,
    /// The campaign, as administrators read it.
    pub campaign: Value,
}

impl CampaignPlan {
    /// England only, to MPs, who are asked to write to their Cancer Alliance.
    pub fn fair_care() -> Self {
        Self {
            organisation: "harbour-trust".to_owned(),
            organisation_document: organisation("Harbour Trust", "harbour"),
            slug: "fair-care".to_owned(),
            document: json!({
                "organisation": "harbour-trust", "title": "Fair care", "summary": "Ask your MP to write to your Cancer Alliance.",
                "problem": "People wait too long.", "hashtag": "FairCare", "special_category_condition": "explicit_consent", "nations": ["england"], "offices": ["mp"],
                "body_kind": "cancer_alliance", "call_to_action": "Email your MP", "estimated_minutes": 2, "goal": 10000,
                "confirmation": "none", "confirmation_waiver": "The tests read the letters at once.", "topic": "waiting-times", "origins": ["https://www.harbour.example"],
                "default_locale": "en", "personal_message": "optional", "personal_message_limit": 500,
                "after_uncertain": "retry"
            }),
            asks: json!({ "asks": [
                { "text": "publish how many people wait longer than 62 days", "addressed_to": "body" },
                { "text": "meet patients twice a year", "addressed_to": "representative" }
            ] }),
            templates: vec![json!({
                "office": null, "locale": "en", "subject": "Cancer care in {{ area.name }}", "body": FAIR_CARE_BODY
            })],
            questions: questions(),
        }
    }

    /// All four nations, to everybody they elect.
    pub fn clean_air() -> Self {
        Self {
            organisation: "clearwater".to_owned(),
            organisation_document: organisation("Clearwater", "clearwater"),
            slug: "clean-air".to_owned(),
            document: json!({
                "organisation": "clearwater", "title": "Clean air", "summary": "Ask everybody who speaks for you.",
                "special_category_condition": "explicit_consent",
                "nations": ["england", "scotland", "wales", "northern_ireland"],
                "offices": ["mp", "msp_constituency", "msp_region", "ms", "mla"],
                "call_to_action": "Ask your representatives", "estimated_minutes": 2, "confirmation": "none",
                "confirmation_waiver": "The tests read the letters at once.",
                "origins": ["https://clearwater.example"], "personal_message": "optional"
            }),
            asks: json!({ "asks": [{ "text": "air monitors outside every school", "addressed_to": "government" }] }),
            templates: vec![json!({
                "office": null, "locale": "en", "subject": "Clean air for {{ area.name }}", "body": CLEAN_AIR_BODY
            })],
            questions: questions(),
        }
    }

    /// Another campaign of the same organisation.
    #[must_use]
    pub fn called(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.slug);
        self
    }

    /// Changes a term of the campaign's document.
    #[must_use]
    pub fn with(mut self, term: &str, value: impl Into<Value>) -> Self {
        self.document[term] = value.into();
        self
    }

    /// Nothing leaves before its supporter has confirmed it.
    #[must_use]
    pub fn confirmed_by_mail(self) -> Self {
        self.with("confirmation", "email").with("confirmation_waiver", Value::Null)
    }

    /// Puts everything and leaves it a draft.
    pub async fn draft(&self, server: &Server) -> Published {
        let token = server.operator().await;
        let path = format!("/v1/admin/organisations/{}", self.organisation);
        if server.get(&path).token(&token).await.status == 404 {
            server.put(&path).token(&token).json(&self.organisation_document).await.expect(201);
        }
        let path = format!("/v1/admin/campaigns/{}", self.slug);
        server.put(&path).token(&token).json(&self.document).await.expect(201);
        put_current(server, &path, "asks", &self.asks).await.expect(200);
        for template in &self.templates {
            server.post(&format!("{path}/templates")).token(&token).json(template).await.expect(201);
        }
        let questions = put_current(server, &path, "consent-questions", &self.questions).await.expect(200).json();
        let campaign = server.get(&path).token(&token).await.expect(200).json();
        Published { slug: self.slug.clone(), questions, campaign }
    }

    /// Puts everything and goes live.
    pub async fn publish(&self, server: &Server) -> Published {
        let draft = self.draft(server).await;
        let campaign = transition(server, &self.slug, "live").await.expect(200).json();
        assert_eq!(campaign["status"], "live", "{campaign}");
        Published { campaign, ..draft }
    }
}

impl Published {
    /// The path of submissions.
    pub fn actions(&self) -> String {
        format!("/v1/campaigns/{}/actions", self.slug)
    }

    /// The public path of something below the campaign.
    pub fn path(&self, below: &str) -> String {
        format!("/v1/campaigns/{}{below}", self.slug)
    }

    /// The totals as administrators read them: exact, supporters and messages too.
    pub async fn exact_tally(&self, server: &Server) -> Value {
        let path = format!("/v1/admin/campaigns/{}/tally", self.slug);
        server.get(&path).token(&server.operator().await).await.expect(200).json()
    }

    /// [`Published::exact_tally`], once no message is on its way any more.
    pub async fn settled_tally(&self, server: &Server) -> Value {
        let done = || async { self.exact_tally(server).await["messages"]["queued"] == 0 };
        eventually("nothing to be on its way", Duration::from_secs(20), done).await;
        self.exact_tally(server).await
    }

    /// A yes to the first question by every channel, and a no to the second: what a form would send.
    pub fn consents(&self) -> Value {
        let answer = |question: &Value, answer: &str| -> Vec<Value> {
            let channels = question["channels"].as_array().expect("channels").clone();
            let one = |channel| json!({ "question_id": question["id"], "version": question["version"], "channel": channel, "answer": answer });
            channels.into_iter().map(one).collect()
        };
        let questions = &self.questions["questions"];
        Value::from([answer(&questions[0], "yes"), answer(&questions[1], "no")].concat())
    }
}

/// Moves a campaign along.
pub async fn transition(server: &Server, slug: &str, to: &str) -> Answer {
    let path = format!("/v1/admin/campaigns/{slug}/transitions");
    server.post(&path).token(&server.operator().await).json(&json!({ "to": to })).await
}

/// Changes something below a campaign, as somebody who has just read it.
pub async fn put_current(server: &Server, campaign: &str, below: &str, body: &Value) -> Answer {
    let token = server.operator().await;
    let current = server.get(campaign).token(&token).await.expect(200);
    let path = format!("{campaign}/{below}");
    server.put(&path).token(&token).header("if-match", current.header("etag")).json(body).await
}

/// An organisation that may publish.
pub fn organisation(name: &str, host: &str) -> Value {
    json!({
        "name": name, "charity_number": "0000001",
        "privacy_notice": { "url": format!("https://{host}.example.org/privacy"), "version": "2026-05" },
        "contacts": [
            { "role": "supporter_care", "email": format!("care@{host}.example.org") },
            { "role": "complaints", "email": format!("complaints@{host}.example.org") }
        ],
        "processors": [{ "name": "Example Hosting Ltd", "task": "keeps the servers" }],
        "sending_domain": format!("letters.{host}.example.org")
    })
}

fn questions() -> Value {
    json!({
        "questions": [
            { "purpose": "campaign_news", "channels": ["email", "sms"], "wording": { "en": "May we tell you how it goes on?" } },
            { "purpose": "research_news", "channels": ["email", "post"], "wording": { "en": "May we tell you about research?" } }
        ],
        "objections": [{ "activity": "wealth_research", "wording": { "en": "estimate what I could give" } }]
    })
}
