//! The pages of the sample app, in English: it is a toy for developers, not a page of the gateway.

use askama::Template;

use super::sessions::Session;
use crate::http::assets::Assets;
use crate::http::lang::Lang;
use crate::http::pages::identity::{Face, Host, split_user};
use crate::http::pages::{Chrome, Frame};
use crate::protocol::response::UpstreamUser;

/// Draws the pages.
pub(super) struct Pages {
    chrome: Chrome,
}

#[derive(Template)]
#[template(path = "demo/welcome.html")]
struct Welcome {
    frame: Frame,
    places: Vec<Place>,
}

/// Where somebody may have an account.
struct Place {
    name: &'static str,
    people: &'static str,
    face: Face,
}

#[derive(Template)]
#[template(path = "demo/signed_in.html")]
struct SignedIn {
    frame: Frame,
    name: String,
    user: Host,
    whole_user: String,
    face: Face,
    ticket: String,
    facts: Vec<Facts>,
    raw: String,
    may_ask: bool,
}

#[derive(Template)]
#[template(path = "demo/asked.html")]
struct Asked {
    frame: Frame,
    user: String,
    proxies: Vec<String>,
    ticket: String,
    raw: String,
}

/// An attribute with all its values.
struct Facts {
    name: String,
    values: Vec<String>,
}

#[derive(Template)]
#[template(path = "demo/trouble.html")]
struct Trouble {
    frame: Frame,
    heading: &'static str,
    text: String,
    code: String,
    raw: String,
    again: bool,
}

impl Pages {
    /// `mount` is the path of the app.
    pub(super) fn new(mount: &str, name: &str, assets: &Assets) -> Self {
        Self {
            chrome: Chrome {
                base: mount.to_owned(),
                css: assets.css(),
                js: String::new(),
                site_name: name.to_owned(),
                // Not the gateway's mark: this is somebody else's application.
                logo: None,
                favicon: Some(assets.favicon()),
                help: None,
            },
        }
    }

    fn frame(&self, state: &str) -> Frame {
        Frame::new(&self.chrome, &Lang::default(), state, None)
    }

    /// Nobody is signed in.
    pub(super) fn welcome(&self) -> String {
        // By its suffix an institution has the same colour here as at the gateway.
        let place = |name, key, people| Place { name, people, face: Face::new(name, key, None) };
        let places = vec![
            place("University of Northfield", "northfield.example", "ana, ben, chloe"),
            place("Observatoire des Cévennes", "obs-cevennes.example", "ana, bruno, claire"),
            place("Guest account", "guests", "guest"),
        ];
        drawn(&Welcome { frame: self.frame("Nobody is signed in"), places })
    }

    /// Somebody is signed in.
    pub(super) fn signed_in(&self, session: &Session) -> String {
        let person = &session.person;
        let display_name = person.attributes.first_text("displayName").unwrap_or_default();
        let short = person.user.split('@').next().unwrap_or_default();
        let name = if display_name.trim().is_empty() { short } else { &display_name };
        let facts: Vec<_> = person
            .attributes
            .iter()
            .map(|(name, values)| Facts {
                name: name.to_owned(),
                values: values.iter().map(|value| value.as_text().into_owned()).collect(),
            })
            .collect();
        drawn(&SignedIn {
            frame: self.frame("Signed in"),
            face: Face::new(name, &person.user, None),
            name: name.to_owned(),
            user: split_user(&person.user),
            whole_user: person.user.clone(),
            ticket: session.ticket.clone(),
            facts,
            raw: session.raw.clone(),
            may_ask: session.pgt.is_some(),
        })
    }

    /// The sample app was asked in somebody's name, and passed on what the gateway told it.
    pub(super) fn asked(&self, ticket: &str, person: &UpstreamUser, raw: &str) -> String {
        drawn(&Asked {
            frame: self.frame("Asked in your name"),
            user: person.user.clone(),
            proxies: person.proxies.clone(),
            ticket: ticket.to_owned(),
            raw: raw.to_owned(),
        })
    }

    /// The gateway says no, with a code of CAS (CAS 3.0 §2.5.3).
    pub(super) fn refused(&self, code: &str, message: &str, raw: &str) -> String {
        let heading = "The gateway did not confirm the sign-in";
        self.trouble(heading, message, code, raw, true)
    }

    /// The gateway says nothing that could be read.
    pub(super) fn no_answer(&self, reason: &str) -> String {
        self.trouble("The gateway was asked in vain", reason, "", "", true)
    }

    /// An address that does not exist.
    pub(super) fn not_found(&self) -> String {
        self.trouble("There is nothing here", "This application has one page only.", "", "", false)
    }

    fn trouble(&self, heading: &'static str, text: &str, code: &str, raw: &str, again: bool) -> String {
        drawn(&Trouble {
            frame: Frame::error(&self.chrome, &Lang::default(), heading, None),
            heading,
            text: text.to_owned(),
            code: code.to_owned(),
            raw: raw.to_owned(),
            again,
        })
    }
}

fn drawn(page: &impl Template) -> String {
    page.render().unwrap_or_else(|_| "This page could not be drawn.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::attributes::Attributes;

    fn pages() -> Pages {
        Pages::new("/sample", "Sample app", &Assets::new("/sample"))
    }

    #[test]
    fn whatever_the_gateway_says_stays_text() {
        let mut attributes = Attributes::new();
        attributes.push("displayName", "<b>Ana</b>");
        attributes.push("<i>", "\"x\" onload='y'");
        let user = "ana@northfield.example<script>".to_owned();
        let person = UpstreamUser { user, attributes, pgt_iou: None, proxies: Vec::new() };
        let session =
            Session { ticket: "ST-1<u>".to_owned(), person, raw: "<cas:user>".to_owned(), pgt: None };
        let html = pages().signed_in(&session);
        for raw in ["<b>Ana", "<i>", "\"x\"", "onload='", "<script>", "<u>", "<cas:user>"] {
            assert!(!html.contains(raw), "{raw}");
        }
        assert!(html.contains("&#60;cas:user&#62;"));
        let html = pages().refused("<A>", "<B>", "<C>");
        assert!(!html.contains("<A>") && !html.contains("<B>") && !html.contains("<C>"));
    }

    #[test]
    fn trouble_tells_the_code_and_how_to_go_on() {
        let html = pages().refused("INVALID_TICKET", "the ticket is spent", "<x/>");
        assert!(html.contains("<title>Error: ") && html.contains("INVALID_TICKET"));
        assert!(html.contains("href=\"/sample/sign-in\""));
        assert!(!pages().not_found().contains("sign-in\""));
    }
}
