//! Finding an institution by what somebody types.
//!
//! The same rules stand in `assets/search.js`, for pages that hold all institutions; the table
//! `integration/select/cases.json` holds both.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::provider::Provider;

/// Most characters of a search that are looked at.
const MOST: usize = 200;
/// Inside a word these belong to it.
const EDGES: [char; 2] = ['.', '_'];
/// Stands between the names of a [`SearchText`], and before its domains.
const BETWEEN: char = '|';

/// What a search looks through, made once: names in all languages, aliases and the heading, each on its own;
/// at the end suffix and e-mail domains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// That of an institution.
    pub fn of(provider: &Provider) -> Self {
        let mut domains: Vec<String> = vec![folded(provider.suffix.as_str())];
        for domain in &provider.email_domains {
            let domain = folded(domain);
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        let translated = provider.translations.iter().map(|(_, name)| name);
        let names = std::iter::once(&provider.name).chain(translated).chain(&provider.aliases);
        let names = names.chain(&provider.group);
        Self::made(names.map(String::as_str), &domains.join(" "))
    }

    /// That of a name alone, which no address tells.
    pub fn of_name(name: &str) -> Self {
        Self::made(std::iter::once(name), "")
    }

    fn made<'a>(names: impl Iterator<Item = &'a str>, domains: &str) -> Self {
        let mut pieces: Vec<String> = Vec::new();
        for piece in names.flat_map(|name| [folded(name), spelled_out(name)]) {
            let piece = piece.replace(BETWEEN, " ");
            if !pieces.contains(&piece) {
                pieces.push(piece);
            }
        }
        Self(format!("{}{BETWEEN}{domains}", pieces.join(&BETWEEN.to_string())))
    }

    /// As the script reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn domains(&self) -> impl Iterator<Item = &str> {
        self.0.rsplit_once(BETWEEN).map_or("", |(_, domains)| domains).split_whitespace()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.rsplit_once(BETWEEN).map_or("", |(names, _)| names).split(BETWEEN)
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// All of these words, in any order.
    Words(Vec<Word>),
    /// The institution of an address, by its domain.
    Domain(String),
}

/// What was typed between two blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What strokes divide: each part as it is without accents, and spelled out.
    parts: Vec<[String; 2]>,
    /// All of it, where dots make it look like the name of a server; otherwise empty.
    domain: String,
}

impl Word {
    fn read(typed: &str) -> Option<Self> {
        let parts = words(typed).map(|part| [folded(part), spelled_out(part)]).collect::<Vec<_>>();
        let whole = folded(typed.trim_matches(|c| c == '-' || EDGES.contains(&c)));
        let domain = if whole.contains('.') { whole } else { String::new() };
        (!parts.is_empty()).then_some(Self { parts, domain })
    }

    fn is_in(&self, text: &SearchText) -> bool {
        let stands = |part: &[String; 2]| part.iter().any(|spelling| text.0.contains(spelling.as_str()));
        self.parts.iter().all(stands)
            || (!self.domain.is_empty() && text.domains().any(|own| is_below(&self.domain, own)))
    }
}

impl Query {
    /// Reads what was typed; what is too long is cut.
    pub fn read(typed: &str) -> Self {
        let typed: String = typed.chars().take(MOST).collect();
        if let Some((_, domain)) = typed.rsplit_once('@') {
            let domain: String = folded(domain).chars().filter(|&c| is_of_words(c) || c == '-').collect();
            return Self::Domain(domain.trim_matches(EDGES).to_owned());
        }
        Self::Words(typed.split(|c| !is_of_words(c) && c != '-').filter_map(Word::read).collect())
    }

    /// Whether nothing is looked for: everything is found.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) => words.is_empty(),
            Self::Domain(domain) => domain.is_empty(),
        }
    }

    /// Whether it finds what has this text. Of an address its domain counts: a part of one of the domains
    /// (somebody is still typing), or one below it; so does that of a server.
    pub fn finds(&self, text: &SearchText) -> bool {
        match self {
            Self::Words(words) => words.iter().all(|word| word.is_in(text)),
            Self::Domain(asked) => {
                asked.is_empty()
                    || text.domains().any(|own| own.contains(asked.as_str()) || is_below(asked, own))
            }
        }
    }

    /// Whether what was typed is a whole name or domain of what has this text, and not a part of one.
    pub fn is_exactly(&self, text: &SearchText) -> bool {
        match self {
            _ if self.is_empty() => false,
            Self::Words(typed) => {
                let parts = || typed.iter().flat_map(|word| &word.parts);
                text.names().chain(text.domains()).any(|piece| {
                    words(piece).eq(parts().map(|[plain, _]| plain.as_str()))
                        || words(piece).eq(parts().map(|[_, spelled]| spelled.as_str()))
                })
            }
            Self::Domain(asked) => text.domains().any(|own| own == asked),
        }
    }
}

/// The words of a text, without what surrounds them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_words(c)).map(|word| word.trim_matches(EDGES)).filter(|word| !word.is_empty())
}

/// Whether a domain lies below another one.
pub fn is_below(domain: &str, parent: &str) -> bool {
    domain.strip_suffix(parent).is_some_and(|left| left.ends_with('.'))
}

/// What a list is sorted by: the words alone, since quotes and strokes have no place in the alphabet.
pub fn sort_key(name: &str) -> String {
    let folded = folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn is_of_words(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || c == '.' || c == '_'
}

/// Small letters without accents, and letters that many keyboards lack as those that are typed instead.
fn folded(text: &str) -> String {
    // U+0640 only makes an Arabic word longer.
    let bare = text.nfkd().filter(|&c| !is_combining_mark(c) && c != '\u{640}');
    let mut out = String::with_capacity(text.len());
    for c in bare.flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            'ى' | 'ی' => out.push('ي'),
            'ک' => out.push('ك'),
            'ة' => out.push('ه'),
            c => out.push(c),
        }
    }
    out
}

/// The same with the two letters that German readers write for one with two dots.
fn spelled_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            'ä' | 'Ä' => out.push_str("ae"),
            'ö' | 'Ö' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            c => out.push(c),
        }
    }
    folded(&out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::provider;

    #[test]
    fn the_text_says_each_thing_once() {
        let lindenau = Provider {
            aliases: vec!["UniLi".to_owned(), "Lindenau".to_owned()],
            email_domains: vec!["LINDENAU.example".to_owned(), "mail.lindenau.example".to_owned()],
            translations: vec![("en".to_owned(), "University of | Lindenau".to_owned())],
            group: Some("Elbe".to_owned()),
            ..provider("lindenau.example", "Universität Lindenau")
        };
        assert_eq!(
            SearchText::of(&lindenau).as_str(),
            "universitat lindenau|universitaet lindenau|university of   lindenau|unili|lindenau|elbe\
             |lindenau.example mail.lindenau.example"
        );
    }

    #[test]
    fn nothing_finds_everything() {
        let text = SearchText::of(&provider("a.example", "A"));
        for q in ["", "  ", "ana@", "-", "\u{200b}"] {
            assert!(Query::read(q).is_empty() && Query::read(q).finds(&text), "{q:?}");
        }
        assert!(!Query::read("ana").is_empty());
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let text = SearchText::of(&provider("a.example", &"a".repeat(300)));
        assert!(Query::read(&format!("{}nowhere", "a".repeat(200))).finds(&text));
        assert!(!Query::read(&format!("{}nowhere", "a".repeat(199))).finds(&text));
    }

    #[test]
    fn names_are_sorted_by_their_words() {
        for (name, key) in [
            ("“Älmhult” – Högskola", "almhult hogskola"),
            ("École d’Est", "ecole d est"),
            ("東京大学", "東京大学"),
            ("", ""),
        ] {
            assert_eq!(sort_key(name), key);
        }
    }
}
