//! What every page has around it.

use crate::http::lang::Lang;

use super::words;

/// What is the same for all pages of an installation.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// Mount path: `/cas`, or empty.
    pub base: String,
    pub css: String,
    pub js: String,
    pub site_name: String,
    pub logo: Option<String>,
    pub favicon: Option<String>,
    /// `mailto:` or `https:`, in the footer and in the errors.
    pub help: Option<String>,
}

impl Chrome {
    /// An address of ours: `path` begins with `/`.
    pub fn href(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The contact as somebody would write it down: without `mailto:`.
    pub fn help_text(&self) -> &str {
        let help = self.help.as_deref().unwrap_or_default();
        help.strip_prefix("mailto:").unwrap_or(help).split('?').next().unwrap_or_default()
    }
}

words!(FrameWords { skip = "frame-skip", help = "frame-help" });

/// The head, the top and the foot of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub lang: String,
    pub dir: &'static str,
    pub title: String,
    pub base: String,
    pub css: String,
    pub js: String,
    pub site: String,
    pub logo: String,
    pub favicon: String,
    pub help: String,
    pub words: FrameWords,
}

impl Frame {
    /// `state` is what the page says, `service` the name of the destination if one is known.
    pub fn new(chrome: &Chrome, lang: &Lang, state: &str, service: Option<&str>) -> Self {
        let (state, site) = (("state", state.into()), ("site", chrome.site_name.as_str().into()));
        let title = match service {
            Some(service) => lang.tell("frame-title-service", &[state, ("service", service.into()), site]),
            None => lang.tell("frame-title", &[state, site]),
        };
        Self {
            lang: lang.tag(),
            dir: lang.dir(),
            title,
            base: chrome.base.clone(),
            css: chrome.css.clone(),
            js: chrome.js.clone(),
            site: chrome.site_name.clone(),
            logo: chrome.logo.clone().unwrap_or_default(),
            favicon: chrome.favicon.clone().unwrap_or_default(),
            help: chrome.help.clone().unwrap_or_default(),
            words: FrameWords::of(lang),
        }
    }

    /// The same for a page that tells of an error: a screen reader says it first.
    pub fn error(chrome: &Chrome, lang: &Lang, state: &str, service: Option<&str>) -> Self {
        let mut frame = Self::new(chrome, lang, state, service);
        frame.title = lang.tell("frame-title-error", &[("title", frame.title.as_str().into())]);
        frame
    }
}
