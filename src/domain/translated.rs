//! Texts of the configuration in the language of a page.

use super::provider::{Notice, Provider};

/// A text, and its language if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tag.
    pub lang: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// The language, where a page in `lang` has to say that it is another one.
    pub fn differs_from(&self, lang: &str) -> Option<&'a str> {
        self.lang.filter(|own| !own.eq_ignore_ascii_case(lang))
    }
}

/// The name of an institution for a page in `lang`. The plain name has a language where it is also the name
/// in that language.
pub fn name<'a>(provider: &'a Provider, lang: &str) -> Told<'a> {
    if let Some(told) = best(&provider.translations, lang) {
        return told;
    }
    let also = provider.translations.iter().find(|(_, name)| *name == provider.name);
    Told { text: &provider.name, lang: also.map(|(tag, _)| tag.as_str()) }
}

/// What a notice says on a page in `lang`: in that language, without one, in any.
pub fn notice<'a>(notice: &'a Notice, lang: &str) -> Option<Told<'a>> {
    let plain = || notice.texts.iter().find(|(tag, _)| tag.is_empty());
    let any = || notice.texts.first();
    best(&notice.texts, lang).or_else(|| plain().or_else(any).map(told))
}

/// Of texts by tag the one that suits `lang`: the same tag, a shorter one (`de-AT`: `de`), any of the same
/// language (`pt`: `pt-BR`).
pub fn best<'a>(texts: &'a [(String, String)], lang: &str) -> Option<Told<'a>> {
    best_tag(texts.iter().map(|(tag, _)| tag.as_str()), lang).and_then(|at| texts.get(at)).map(told)
}

/// The place of the tag that suits `lang`, as [`best`].
pub fn best_tag<'t>(tags: impl Iterator<Item = &'t str> + Clone, lang: &str) -> Option<usize> {
    let mut wanted = lang;
    loop {
        if let Some(at) = tags.clone().position(|tag| !tag.is_empty() && tag.eq_ignore_ascii_case(wanted)) {
            return Some(at);
        }
        match wanted.rsplit_once('-') {
            Some((shorter, _)) => wanted = shorter,
            None => break,
        }
    }
    let primary = |tag: &'t str| tag.split('-').next().unwrap_or(tag);
    tags.clone().position(|tag| !tag.is_empty() && primary(tag).eq_ignore_ascii_case(wanted))
}

fn told((tag, text): &(String, String)) -> Told<'_> {
    Told { text, lang: Some(tag.as_str()).filter(|tag| !tag.is_empty()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::provider;

    fn texts(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|&(tag, text)| (tag.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn the_page_picks_the_name() {
        let valmont = Provider {
            translations: texts(&[("fr", "École de Valmont"), ("en", "Valmont School"), ("pt-BR", "Escola")]),
            ..provider("valmont.example", "École de Valmont")
        };
        for (lang, text, other) in [
            ("en", "Valmont School", None),
            ("en-GB", "Valmont School", Some("en")),
            ("FR", "École de Valmont", None),
            ("pt", "Escola", Some("pt-BR")),
            // No name in German: the plain one, which is the French one.
            ("de", "École de Valmont", Some("fr")),
        ] {
            let told = name(&valmont, lang);
            assert_eq!((told.text, told.differs_from(lang)), (text, other), "{lang}");
        }
        assert_eq!(name(&provider("a.example", "A"), "en").lang, None);
    }

    #[test]
    fn a_notice_is_told_in_some_language() {
        let notice_of = |list| Notice { texts: texts(list), from: None, until: None };
        let closed = notice_of(&[("", "Closed"), ("fr", "Fermé")]);
        assert_eq!(notice(&closed, "fr-CA"), Some(Told { text: "Fermé", lang: Some("fr") }));
        assert_eq!(notice(&closed, "de"), Some(Told { text: "Closed", lang: None }));
        assert_eq!(
            notice(&notice_of(&[("fr", "Fermé")]), "de"),
            Some(Told { text: "Fermé", lang: Some("fr") })
        );
    }
}
