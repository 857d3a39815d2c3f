//! The way to an institution and back, and what an application reads at its end.

use url::Url;

use super::browser::{Browser, Page, login};
use super::form::attribute;
use super::house::WIKI;

impl Browser {
    /// Signs in at the institution that a redirect leads to and comes back: what our callback answers.
    pub async fn returns(&self, away: &Page) -> Page {
        let back = self.follow(away).await;
        assert_eq!(back.status, 302, "the institution: {}", back.body);
        self.follow(&back).await
    }

    /// `/login` for a service by way of an institution, to the redirect that leaves for the service.
    pub async fn arrives(&self, service: &str, suffix: &str) -> Page {
        let away = self.get(&by(service, suffix)).await;
        assert_eq!(away.status, 303, "{}", away.text());
        let returned = self.returns(&away).await;
        assert_eq!(returned.status, 303, "{}", returned.text());
        self.follow_home(returned).await
    }

    /// Whether nobody is signed in: a gateway trip comes back with empty hands.
    pub async fn is_nobody(&self) -> bool {
        let answer = self.get(&login(WIKI, "gateway=true")).await;
        answer.status == 303 && answer.location() == WIKI
    }
}

/// `/login` for a service, by way of an institution.
pub fn by(service: &str, suffix: &str) -> String {
    login(service, &format!("provider={suffix}"))
}

impl Page {
    /// The value of a parameter of the address that a redirect leads to.
    pub fn location_param(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.location()).ok()?;
        url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// All links of the page, as addresses.
    pub fn links(&self) -> Vec<String> {
        let tags = self.body.split("<a ").skip(1).filter_map(|piece| piece.split_once('>'));
        tags.filter_map(|(tag, _)| attribute(&format!(" {tag}"), "href")).collect()
    }

    /// The addresses of its buttons that are links, the one to press first.
    pub fn buttons(&self) -> Vec<String> {
        let tags = self.body.split("<a class=\"btn").skip(1).filter_map(|piece| piece.split_once('>'));
        tags.filter_map(|(tag, _)| attribute(tag, "href")).collect()
    }

    /// The institutions that the page offers, in its order, by suffix.
    pub fn offers(&self) -> Vec<String> {
        let links = self.links().into_iter();
        links
            .filter_map(|link| {
                let (_, rest) = link.split_once("/federate/")?;
                Some(rest.split('?').next().unwrap_or(rest).to_owned())
            })
            .collect()
    }

    /// The code of an error page; empty on others.
    pub fn error_code(&self) -> String {
        let codes = self.body.split("<code>").skip(1).filter_map(|rest| rest.split_once("</code>"));
        let mut codes = codes.map(|(code, _)| code.to_owned());
        if self.header("cas-reference").is_empty() { String::new() } else { codes.next().unwrap_or_default() }
    }
}

/// The user of a CAS answer; empty where there is none.
pub fn user(answer: &str) -> String {
    values(answer, "user").pop().unwrap_or_default()
}

/// The values of an attribute in a CAS answer.
pub fn values(answer: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<cas:{name}>"), format!("</cas:{name}>"));
    let pieces = answer.split(open.as_str()).skip(1);
    pieces.filter_map(|rest| rest.split_once(close.as_str())).map(|(value, _)| value.to_owned()).collect()
}
