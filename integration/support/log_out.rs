//! The log-out messages of an institution.

use passerelle::protocol::slo::LogoutRequest;
use passerelle::protocol::time::Timestamp;
use url::form_urlencoded::Serializer;

/// A message about these tickets, as most servers write it.
pub fn message(tickets: &[&str]) -> String {
    let message = LogoutRequest {
        id: "LR-1".to_owned(),
        issue_instant: Timestamp::from_seconds(super::house::BEGIN),
        name_id: "@NOT_USED@".to_owned(),
        session_indexes: tickets.iter().map(|&ticket| ticket.to_owned()).collect(),
    };
    message.to_xml()
}

/// What somebody hears who posts a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Heard {
    pub status: u16,
    pub content_type: String,
    pub body: String,
    /// How many cookies were set.
    pub cookies: usize,
}

impl Heard {
    /// What everybody hears.
    pub fn is_ok(&self) -> bool {
        (self.status, self.body.as_str(), self.cookies) == (200, "ok", 0)
            && self.content_type.starts_with("text/plain")
    }
}

/// Posts it in the field that CAS has for it.
pub async fn send(url: &str, message: &str) -> Heard {
    let body = Serializer::new(String::new()).append_pair("logoutRequest", message).finish();
    post(url, "application/x-www-form-urlencoded", body).await
}

/// Posts any body.
pub async fn post(url: &str, content_type: &str, body: String) -> Heard {
    let http = passerelle::outbound::client(None).expect("a client");
    let post = http.post(url).header("content-type", content_type).header("sec-fetch-site", "cross-site");
    let answer =
        post.header("origin", "https://cas.north.example").body(body).send().await.expect("an answer");
    let headers = answer.headers();
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Heard {
        status: answer.status().as_u16(),
        content_type: content_type.to_owned(),
        cookies: headers.get_all("set-cookie").iter().count(),
        body: super::house::read(answer).await,
    }
}
