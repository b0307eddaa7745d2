//! What can be known of a TLS endpoint: the fields of `tls.endpoint`.
//!
//! Knows no protocol and opens no connection; whoever looks at an endpoint fills these in.

use super::shape::{Field, Shape, field, names, on_demand, required};

const TEXT: Shape = Shape::Text;

/// Protocol versions, oldest first.
const VERSION: Shape = Shape::Word(&["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);

const SUITE: &[Field] = &[
    required("name", TEXT, "the IANA name, `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`"),
    field("id", Shape::Int, "the code point"),
    field("version", VERSION, "the version in which it was accepted"),
    field(
        "key_exchange",
        Shape::Word(&[
            "RSA",
            "DH",
            "DHE",
            "ECDH",
            "ECDHE",
            "PSK",
            "DHE_PSK",
            "ECDHE_PSK",
            "RSA_PSK",
            "KRB5",
            "SRP",
            "ECCPWD",
            "GOST",
            "any",
        ]),
        "how the key is agreed; `any` in TLS 1.3, where the suite does not say it",
    ),
    field(
        "authentication",
        Shape::Word(&["RSA", "DSS", "ECDSA", "PSK", "KRB5", "SRP", "GOST", "password", "none", "any"]),
        "how the server proves who it is; `none` for anonymous suites, `any` in TLS 1.3",
    ),
    field(
        "cipher",
        Shape::Word(&[
            "NULL", "RC2", "RC4", "DES", "3DES", "IDEA", "SEED", "AES", "CAMELLIA", "ARIA", "CHACHA20", "SM4", "GOST",
            "AEGIS",
        ]),
        "the bulk cipher",
    ),
    field(
        "bits",
        Shape::Int,
        "the strength of the bulk cipher in bits: 0 for NULL, 40 and 56 for export suites, 112 for 3DES",
    ),
    field(
        "mode",
        Shape::Word(&["CBC", "GCM", "CCM", "CCM_8", "POLY1305", "AEGIS", "stream", "none"]),
        "the mode of the bulk cipher",
    ),
    field(
        "mac",
        Shape::Word(&["NULL", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "AEAD", "GOST"]),
        "what guards integrity",
    ),
    field("forward_secret", Shape::Bool, "whether a stolen key leaves recorded sessions closed"),
    field("nist", Shape::Bool, "whether the suite is on the list of NIST SP 800-52r2"),
    field(
        "dh_bits",
        Shape::Int,
        "the size of the Diffie-Hellman prime that was offered with this suite; null without one",
    ),
];

const KEY: &[Field] = &[
    field("algorithm", Shape::Word(&["RSA", "EC", "DSA", "Ed25519", "Ed448", "ML-DSA", "other"]), "the kind of key"),
    field("bits", Shape::Int, "its size in bits"),
    field("curve", TEXT, "the curve of an EC key; null for others"),
];

const CERTIFICATE: &[Field] = &[
    field("subject", TEXT, "the subject's distinguished name"),
    field("issuer", TEXT, "the issuer's distinguished name"),
    field("names", Shape::List(&TEXT), "the subject alternative names, DNS and IP"),
    field("not_before", TEXT, "RFC 3339"),
    field("not_after", TEXT, "RFC 3339"),
    field("days_left", Shape::Int, "whole days until not_after; negative when it is past"),
    field("lifetime_days", Shape::Int, "whole days from not_before to not_after"),
    field("expired", Shape::Bool, "whether not_after is past"),
    field("not_yet_valid", Shape::Bool, "whether not_before is to come"),
    field("key", Shape::Map(KEY), "the public key"),
    field(
        "signature_hash",
        Shape::Word(&["MD2", "MD4", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "none"]),
        "the hash of the signature; `none` for algorithms that have none of their own",
    ),
    field("self_signed", Shape::Bool, "whether it is signed with its own key"),
    field("chain_valid", Shape::Bool, "whether a chain leads to a root that was given for this endpoint"),
    field("chain_complete", Shape::Bool, "whether each certificate that was sent is signed by the next one"),
    field("name_matches", Shape::Bool, "whether it is made out to the host"),
    field("server_auth", Shape::Bool, "whether it may be used for a server (extended key usage)"),
    field("ca", Shape::Bool, "whether it may sign other certificates (basic constraints)"),
    field("version", Shape::Int, "the version of X.509, from 1"),
];

const HSTS: &[Field] = &[
    field("max_age", Shape::Int, "seconds"),
    field("include_subdomains", Shape::Bool, "whether it covers subdomains"),
];

const PROBE: &[Field] = &[
    required("name", Shape::Word(&["heartbleed", "ccs-injection", "robot", "ticketbleed"]), "what was probed for"),
    field("cve", TEXT, "the flaw's number; null where each product has its own"),
    field(
        "verdict",
        Shape::Word(&["vulnerable", "not vulnerable", "does not apply"]),
        "what the probe came to; it does not apply where nothing is spoken that the flaw is in",
    ),
    field("oracle", Shape::Word(&["weak", "strong"]), "ROBOT: how much the oracle tells; null without one"),
    field("evidence", TEXT, "what was seen"),
];

/// The fields of `tls.endpoint`.
pub(super) const FIELDS: &[Field] = &[
    required("host", TEXT, "the name or address that was asked"),
    required("port", Shape::Int, "the port"),
    field("owner", TEXT, "who answers for it"),
    field("server_name", TEXT, "the name that the server was asked for (SNI); null where none was sent"),
    field(
        "service",
        Shape::Word(&[
            "dicom", "mllp", "fhir", "http", "ldap", "postgres", "mysql", "smtp", "imap", "pop3", "ftp", "xmpp", "rdp",
            "other",
        ]),
        "what is spoken inside",
    ),
    field("tls", Shape::Bool, "whether a TLS hello was answered"),
    field(
        "plaintext",
        Shape::Bool,
        "whether the service answered without TLS; a mere redirect to https does not count",
    ),
    field(
        "starttls",
        Shape::Word(&["none", "offered", "required"]),
        "whether TLS is an upgrade; null where the protocol has none",
    ),
    field(
        "https_redirect",
        Shape::Bool,
        "whether plain HTTP only leads to https; null where no plain HTTP was answered",
    ),
    field("versions", Shape::List(&VERSION), "the versions that were accepted"),
    field("suites", Shape::List(&Shape::Map(SUITE)), "the suites that were accepted"),
    field("groups", Shape::List(&TEXT), "the groups that were accepted, by IANA name"),
    field("server_order", Shape::Bool, "whether the server's order of suites counts"),
    field("compression", Shape::Bool, "whether TLS compression was accepted"),
    field("secure_renegotiation", Shape::Bool, "whether RFC 5746 is supported"),
    field("extended_master_secret", Shape::Bool, "whether RFC 7627 is supported"),
    field("encrypt_then_mac", Shape::Bool, "whether RFC 7366 is supported"),
    field("fallback_scsv", Shape::Bool, "whether RFC 7507 is respected"),
    field("client_auth", Shape::Word(&["none", "requested", "required"]), "whether clients must show a certificate"),
    field(
        "client_certificate",
        Shape::Word(&["not asked for", "accepted", "refused"]),
        "what became of the certificate that was to be shown; null where there was none to show",
    ),
    field(
        "alpn",
        Shape::List(&TEXT),
        "the protocols that the server chose of those that were offered, first choice first",
    ),
    on_demand(
        "probes",
        Shape::List(&Shape::Map(PROBE)),
        "probes for known vulnerabilities; null, or left out, where none were made",
    ),
    field("certificate", Shape::Map(CERTIFICATE), "the server's certificate; null when it showed none"),
    field(
        "other_certificates",
        Shape::List(&Shape::Map(CERTIFICATE)),
        "certificates that the server shows for other suites, such as one for RSA beside one for ECDSA",
    ),
    field(
        "hsts",
        Shape::Map(HSTS),
        "the Strict-Transport-Security header; null without one, or where no HTTP is spoken",
    ),
    field(
        "any_called_title",
        Shape::Bool,
        "DICOM: whether an association to any called AE title is accepted; null elsewhere",
    ),
    field("connections", Shape::Int, "how many connections it took to learn this"),
];

/// The names of [`FIELDS`].
pub(super) const NAMES: &[&str] = &names::<{ FIELDS.len() }>(FIELDS);
