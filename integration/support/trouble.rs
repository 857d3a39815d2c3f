//! Everything that can be wrong with the answer of an institution, down to the bytes.
//!
//! What an institution writes of its own accord holds [`MARK`]: it must not turn up on a page or in a log.

use std::time::Duration;

/// Words of the institution.
pub const MARK: &str = "UPSTREAM-SAYS-7731";

/// A part of what goes over the wire.
#[derive(Clone, Debug)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// The same bytes for ever, with a pause before each.
    Again {
        bytes: Vec<u8>,
        pause: Duration,
    },
    /// The connection stays open and nothing comes.
    Silence,
}

impl Piece {
    pub fn bytes(text: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(text.into())
    }

    /// A whole answer.
    pub fn answer(status: u16, kind: &str, body: &[u8]) -> Self {
        let mut bytes = head(status, &[("Content-Type", kind), ("Content-Length", &body.len().to_string())]);
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} {MARK}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

const XML: &str = "text/xml;charset=UTF-8";

/// What is wrong.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Hears the question and says nothing.
    Silent,
    /// Stops in the middle of the headers.
    SilentInHeaders,
    /// Stops in the middle of the body.
    SilentInBody,
    /// A byte at a time, for ever.
    Dawdles,
    /// Hangs up without a word.
    HangsUp,
    /// Hangs up in the middle of a body that was to be longer.
    BreaksOff,
    /// Not HTTP at all.
    Babbles,
    /// Headers without end.
    EndlessHeaders,
    /// Says how long the body is, twice, differently.
    TwoLengths,
    /// This status, with a page of its own.
    Status(u16),
    /// A flawless success, under this status.
    SuccessUnder(u16),
    /// A redirect to a success.
    Redirects(String),
    /// Status 200 and these bytes.
    Says { kind: String, body: Vec<u8> },
    /// A success with an extra header.
    SuccessWith { header: &'static str, value: String },
    /// Status 200, gzip that nobody asked for, and these bytes in it.
    Zipped(Vec<u8>),
    /// A body of so many bytes.
    Large(usize),
    /// A body without end.
    Endless,
    /// Exactly this.
    Raw(Vec<Piece>),
}

impl Trouble {
    /// Status 200 and this document.
    pub fn xml(body: impl Into<String>) -> Self {
        Self::Says { kind: XML.to_owned(), body: body.into().into_bytes() }
    }

    /// Status 200 and this inside of `<cas:serviceResponse>`.
    pub fn inside(content: &str) -> Self {
        Self::xml(response(content))
    }

    /// A success with this inside.
    pub fn success(content: &str) -> Self {
        Self::inside(&format!("<cas:authenticationSuccess>{content}</cas:authenticationSuccess>"))
    }

    /// A success for this name, as it stands between the tags.
    pub fn user(name: &str) -> Self {
        Self::success(&format!("<cas:user>{name}</cas:user>"))
    }

    /// A refusal with this code.
    pub fn refuses(code: &str) -> Self {
        Self::inside(&format!(
            "<cas:authenticationFailure code=\"{code}\">{MARK} says no</cas:authenticationFailure>"
        ))
    }

    /// A flawless success that ends after so many bytes, as if that were all.
    pub fn cut(at: usize) -> Self {
        let mut body = flawless("ada").into_bytes();
        body.truncate(at);
        Self::Says { kind: XML.to_owned(), body }
    }

    pub fn pieces(&self, user: &str) -> Vec<Piece> {
        let body = flawless(user);
        let whole = |status| Piece::answer(status, XML, body.as_bytes());
        let long = |length: &str| {
            let mut bytes = head(200, &[("Content-Type", XML), ("Content-Length", length)]);
            bytes.extend_from_slice(&body.as_bytes()[..40]);
            Piece::Bytes(bytes)
        };
        match self {
            Self::Raw(pieces) => pieces.clone(),
            Self::Silent => vec![Piece::Silence],
            Self::SilentInHeaders => vec![Piece::bytes("HTTP/1.1 200 OK\r\nContent-T"), Piece::Silence],
            Self::SilentInBody => vec![long("4000"), Piece::Silence],
            Self::Dawdles => vec![
                long("1000000"),
                Piece::Again { bytes: b" ".to_vec(), pause: Duration::from_millis(100) },
            ],
            Self::HangsUp => vec![],
            Self::BreaksOff => vec![long("4000")],
            Self::Babbles => vec![Piece::bytes(format!("220 {MARK} ESMTP ready\r\n"))],
            Self::EndlessHeaders => vec![
                Piece::bytes("HTTP/1.1 200 OK\r\n"),
                Piece::Again {
                    bytes: format!("X-{MARK}: {MARK}\r\n").repeat(500).into(),
                    pause: Duration::ZERO,
                },
            ],
            Self::TwoLengths => {
                let mut bytes = head(200, &[("Content-Length", "10"), ("Content-Length", "4000")]);
                bytes.extend_from_slice(body.as_bytes());
                vec![Piece::Bytes(bytes)]
            }
            Self::Status(status) => {
                let words = format!("<html><body><h1>{MARK}</h1><p>at /var/www/cas.jsp:12</p></body></html>");
                vec![Piece::answer(*status, "text/html", words.as_bytes())]
            }
            Self::SuccessUnder(status) => vec![whole(*status)],
            Self::Redirects(to) => {
                vec![Piece::Bytes(head(302, &[("Location", to), ("Content-Length", "0")]))]
            }
            Self::Says { kind, body } => vec![Piece::answer(200, kind, body)],
            Self::SuccessWith { header, value } => {
                let length = body.len().to_string();
                let mut bytes = head(200, &[("Content-Length", &length), (header, value)]);
                bytes.extend_from_slice(body.as_bytes());
                vec![Piece::Bytes(bytes)]
            }
            Self::Zipped(body) => {
                let length = body.len().to_string();
                let headers =
                    [("Content-Type", XML), ("Content-Encoding", "gzip"), ("Content-Length", &*length)];
                let mut bytes = head(200, &headers);
                bytes.extend_from_slice(body);
                vec![Piece::Bytes(bytes)]
            }
            Self::Large(size) => {
                let mut body = body.into_bytes();
                body.resize(*size, b' ');
                vec![Piece::answer(200, XML, &body)]
            }
            Self::Endless => {
                let mut chunk = format!("{:x}\r\n", 1 << 16).into_bytes();
                chunk.resize(chunk.len() + (1 << 16), b' ');
                chunk.extend_from_slice(b"\r\n");
                vec![
                    Piece::Bytes(head(200, &[("Content-Type", XML), ("Transfer-Encoding", "chunked")])),
                    Piece::Again { bytes: chunk, pause: Duration::ZERO },
                ]
            }
        }
    }
}

/// A document of the protocol around this.
pub fn response(content: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\n  {content}\n</cas:serviceResponse>\n"
    )
}

/// What nobody can object to.
pub fn flawless(user: &str) -> String {
    let user = escape(user);
    response(&format!("<cas:authenticationSuccess><cas:user>{user}</cas:user></cas:authenticationSuccess>"))
}

/// Text as it stands in XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Zeroes, so many megabytes of them, as gzip: written by hand, since a block of repeats is short.
pub fn bomb(megabytes: usize) -> Vec<u8> {
    // Stored blocks would be as large as what they hold; a fixed Huffman block of "the byte before, 258
    // times" is 13 bits a repeat. The check sum is wrong, which nobody learns who stops in time.
    let mut bits = Bits::default();
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    // A literal blank: 0x20 is code 0x30 + 0x20, eight bits, highest first.
    bits.push_code(0x50, 8);
    for _ in 0..megabytes * (1 << 20) / 258 {
        // Length 258 is symbol 285, code 11000101; distance 1 is code 00000.
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(bits.bytes);
    bytes.extend([0; 8]);
    bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Lowest bit first.
    fn push(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> at & 1 == 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// Highest bit first, as codes are.
    fn push_code(&mut self, code: u32, count: u32) {
        for at in (0..count).rev() {
            self.push(code >> at & 1, 1);
        }
    }
}
