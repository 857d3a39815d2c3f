//! `kind = "http"`: a program of the operator's own is asked. The contract is in docs/operating.md, "Own sources".

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use url::Url;

use super::{Answer, Authenticator, Down, Known, Steps, Verdict, Went};
use crate::config::backend::http::Http as Keys;
use crate::outbound::{self, OutboundError, Route};
use crate::protocol::attributes::Attributes;

/// Most bytes of an answer.
const MOST: usize = 64 << 10;
/// How often a question is sent whose connection breaks, within its time.
const TRIES: usize = 3;
/// A name that nobody can have: it has blanks in it.
const NOBODY: &str = "passerelle asks for nobody";

/// A program to ask.
pub struct Http {
    http: reqwest::Client,
    url: Url,
    secret: Option<SecretString>,
    timeout: Duration,
}

/// What is asked: whether this is the password, or without one what is known of somebody.
#[derive(Serialize)]
struct Question<'a> {
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

/// What a program says of somebody. Anything else in it is for others.
#[derive(Deserialize)]
struct Person {
    username: String,
    attributes: Option<Attributes>,
}

/// What came of a question.
enum Said {
    Person(Person),
    Wrong,
    Unknown,
}

impl Http {
    /// In: the keys as they were read, and authorities beside those of the system. Errors: a file of authorities
    /// cannot be used.
    pub fn new(keys: &Keys, further: Option<&Path>) -> Result<Self, OutboundError> {
        let route = Route { only: keys.ca_file.clone(), ..Route::default() };
        Ok(Self {
            http: outbound::client_on(&route, further)?,
            url: keys.url.clone(),
            secret: keys.secret.clone(),
            timeout: keys.timeout,
        })
    }

    /// Asks, within the time that an answer may take.
    async fn ask(&self, question: &Question<'_>, steps: &Steps) -> Result<Said, Down> {
        let said = timeout(self.timeout, self.say(question)).await;
        let said = said
            .unwrap_or_else(|_| Err(Down::Silent(format!("no answer in {} s", self.timeout.as_secs_f32()))));
        let went = match &said {
            Ok(Said::Person(_)) => Went::Well,
            // That is what a trial asks for.
            Ok(Said::Unknown) if question.username == NOBODY => Went::Well,
            Ok(Said::Wrong | Said::Unknown) | Err(_) => Went::Badly,
        };
        steps.note(went, "question", || match &said {
            Ok(Said::Person(_)) => "200: somebody".to_owned(),
            Ok(Said::Wrong) => "401: a wrong password".to_owned(),
            Ok(Said::Unknown) => "404: nobody".to_owned(),
            Err(down) => down.to_string(),
        });
        said
    }

    async fn say(&self, question: &Question<'_>) -> Result<Said, Down> {
        let body = serde_json::to_vec(question).map_err(|error| Down::Unfit(error.to_string()))?;
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            match self.send(body.clone()).await {
                Ok(answer) => break answer,
                Err(error) if tries < TRIES && !error.is_timeout() => {}
                // Without its address, which may hold more than everybody should read.
                Err(error) => return Err(Down::Silent(causes(&error.without_url()))),
            }
        };
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Ok(Said::Wrong),
            StatusCode::NOT_FOUND => return Ok(Said::Unknown),
            other => {
                let words = format!("HTTP status {}", other.as_u16());
                return Err(if other.is_server_error() { Down::Silent(words) } else { Down::Unfit(words) });
            }
        }
        let body = whole(answer).await?;
        // What cannot be read is not repeated: it is about somebody.
        let person = serde_json::from_slice(&body).map_err(|error| {
            Down::Unfit(format!("no proper answer: line {}, column {}", error.line(), error.column()))
        })?;
        Ok(Said::Person(person))
    }

    async fn send(&self, body: Vec<u8>) -> reqwest::Result<Response> {
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json");
        let request = match &self.secret {
            Some(secret) => request.bearer_auth(secret.expose_secret()),
            None => request,
        };
        request.body(body).send().await
    }
}

/// A body within its bound.
async fn whole(mut answer: Response) -> Result<Vec<u8>, Down> {
    let too_long = || Down::Unfit(format!("an answer of more than {MOST} bytes"));
    let told = answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|told: usize| told > MOST) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| Down::Silent(causes(&error.without_url())))?
    {
        if body.len() + chunk.len() > MOST {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error and what it comes from: the library tells the outermost alone.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

impl Authenticator for Http {
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict> {
        Box::pin(async move {
            let question = Question { username: name, password: Some(password.expose_secret()) };
            Ok(match self.ask(&question, steps).await? {
                Said::Person(Person { username, attributes }) => {
                    Verdict::Right { name: username, attributes: attributes.unwrap_or_default() }
                }
                Said::Wrong => Verdict::Wrong,
                Said::Unknown => Verdict::Unknown,
            })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, steps: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            match self.ask(&Question { username: name, password: None }, steps).await? {
                Said::Person(Person { username, attributes }) => {
                    Ok(Known::Now { name: username, attributes: attributes.unwrap_or_default() })
                }
                Said::Unknown => Ok(Known::Nobody),
                Said::Wrong => Err(Down::Unfit("HTTP status 401 without a password".to_owned())),
            }
        })
    }

    fn probe<'a>(&'a self, steps: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async move {
            match self.ask(&Question { username: NOBODY, password: None }, steps).await? {
                Said::Unknown => Ok(()),
                Said::Person(_) => Err(Down::Unfit("it knows somebody whom nobody can be".to_owned())),
                Said::Wrong => Err(Down::Unfit("HTTP status 401 without a password".to_owned())),
            }
        })
    }
}
