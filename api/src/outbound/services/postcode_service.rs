//! Services that say where a postcode is: postcodes.io and MapIt, or others that answer as they do.

mod mapit;
mod postcodes_io;

use super::service::{Answered, Fault, Manners, Question, Service};
use crate::config::PostcodeServiceKind;
use postbag_domain::{Postcode, PostcodeAnswer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use url::Url;

/// How many postcodes one question may name, where the service takes several.
const BATCH: usize = 100;

/// A service that says where a postcode is.
#[derive(Debug)]
pub struct PostcodeService {
    kind: PostcodeServiceKind,
    service: Service,
}

impl PostcodeService {
    /// The service of this kind at this address.
    pub fn open(kind: PostcodeServiceKind, base: Url, manners: Manners) -> anyhow::Result<Self> {
        Ok(Self { kind, service: Service::open(base, manners)? })
    }

    /// The layer that its answers are.
    pub const fn layer(&self) -> &'static str {
        match self.kind {
            PostcodeServiceKind::PostcodesIo => "postcodes-io",
            PostcodeServiceKind::Mapit => "mapit",
        }
    }

    /// The name under which it stands as a source.
    pub fn source(&self) -> String {
        let name = match self.kind {
            PostcodeServiceKind::PostcodesIo => "postcodes.io",
            PostcodeServiceKind::Mapit => "MapIt",
        };
        format!("{name} at {}", self.service.host())
    }

    /// The service's answer about a postcode.
    pub async fn look_up(&self, postcode: Postcode, deadline: Instant) -> Result<PostcodeAnswer, Fault> {
        let text = postcode.to_string();
        match self.kind {
            PostcodeServiceKind::Mapit => {
                let question = Question::get(&["postcode", &text]);
                self.ask(&question, deadline, |answered| mapit::answer(postcode, answered)).await
            }
            PostcodeServiceKind::PostcodesIo => {
                let question = Question::get(&["postcodes", &text]);
                let answer = self.ask(&question, deadline, |answered| postcodes_io::answer(postcode, answered)).await?;
                self.settle(postcode, answer, deadline).await
            }
        }
    }

    /// What it says of several, in their order; each question has so much time. Up to a hundred are one question where the
    /// service takes that. `progress` receives how many have been answered.
    pub async fn look_up_all(
        &self,
        postcodes: &[Postcode],
        patience: Duration,
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<(Postcode, PostcodeAnswer)>, Fault> {
        let mut answers = Vec::with_capacity(postcodes.len());
        for batch in postcodes.chunks(BATCH) {
            match self.kind {
                PostcodeServiceKind::Mapit => {
                    for postcode in batch {
                        let answer = self.look_up(*postcode, Instant::now() + patience).await?;
                        answers.push((*postcode, answer));
                        progress(answers.len());
                    }
                }
                PostcodeServiceKind::PostcodesIo => {
                    for (postcode, answer) in self.look_up_batch(batch, Instant::now() + patience).await? {
                        let answer = self.settle(postcode, answer, Instant::now() + patience).await?;
                        answers.push((postcode, answer));
                        progress(answers.len());
                    }
                }
            }
        }
        Ok(answers)
    }

    async fn look_up_batch(
        &self,
        batch: &[Postcode],
        deadline: Instant,
    ) -> Result<Vec<(Postcode, Option<PostcodeAnswer>)>, Fault> {
        let names: Vec<Value> = batch.iter().map(|postcode| json!(postcode.to_string())).collect();
        let question = Question::post(&["postcodes"], json!({ "postcodes": names }));
        self.ask(&question, deadline, |answered| postcodes_io::answers(batch, answered)).await
    }

    /// The answer, or what postcodes.io says elsewhere of a postcode that it does not know among the live ones.
    async fn settle(
        &self,
        postcode: Postcode,
        answer: Option<PostcodeAnswer>,
        deadline: Instant,
    ) -> Result<PostcodeAnswer, Fault> {
        let Some(answer) = answer else {
            let text = postcode.to_string();
            let question = Question::get(&["terminated_postcodes", &text]);
            return self.ask(&question, deadline, |answered| postcodes_io::terminated(postcode, answered)).await;
        };
        Ok(answer)
    }

    async fn ask<T>(
        &self,
        question: &Question<'_>,
        deadline: Instant,
        read: impl Fn(Answered) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.service.ask(question, deadline, read).await
    }
}

/// True if the service speaks of the postcode that it was asked about.
fn is_about(postcode: Postcode, text: &str) -> bool {
    Postcode::parse(text).is_ok_and(|answered| answered == postcode)
}
