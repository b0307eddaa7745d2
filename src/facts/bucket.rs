//! What can be known of an S3 bucket: the fields of `s3.bucket`.
//!
//! Knows no API; whoever looks at a bucket, or derives one from Terraform, fills these in, with *effective*
//! values: what bucket and account settings make together.

use super::shape::{Field, Shape, field, names, required};

const TEXT: Shape = Shape::Text;

const ENCRYPTION: &[Field] = &[
    field("algorithm", Shape::Word(&["AES256", "aws:kms", "aws:kms:dsse"]), "the default encryption"),
    field("kms_key", TEXT, "the key's ARN or alias; null without one"),
    field(
        "kms_owner",
        Shape::Word(&["customer", "aws"]),
        "who controls the key and its policy; null without a KMS key",
    ),
    field("kms_enabled", Shape::Bool, "whether the key is enabled and not about to be deleted; null without one"),
    field("bucket_key", Shape::Bool, "whether a bucket key spares KMS requests"),
    field("sse_c_blocked", Shape::Bool, "whether keys that the client brings are refused"),
];

const PUBLIC_ACCESS_BLOCK: &[Field] = &[
    field("block_public_acls", Shape::Bool, "whether new public ACLs are refused"),
    field("ignore_public_acls", Shape::Bool, "whether public ACLs have no effect"),
    field("block_public_policy", Shape::Bool, "whether new public policies are refused"),
    field("restrict_public_buckets", Shape::Bool, "whether a public policy has no effect for strangers"),
];

const POLICY: &[Field] = &[
    field("public", Shape::Bool, "whether it gives rights to everybody"),
    field(
        "secure_transport",
        Shape::Bool,
        "whether every request without TLS is denied, for the bucket and its objects",
    ),
    field(
        "minimum_tls",
        Shape::Word(&["1.0", "1.1", "1.2", "1.3"]),
        "the least TLS version that it demands; null without one",
    ),
    field("foreign_accounts", Shape::List(&TEXT), "accounts outside the own organisation that get rights"),
];

const ACL: &[Field] = &[
    field("everyone_reads", Shape::Bool, "whether everybody may list or read"),
    field("everyone_writes", Shape::Bool, "whether everybody may write"),
    field("any_aws_user", Shape::Bool, "whether any AWS account gets rights"),
    field(
        "ownership",
        Shape::Word(&["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]),
        "who owns new objects; the first makes ACLs void",
    ),
];

const VERSIONING: &[Field] = &[
    field("status", Shape::Word(&["Enabled", "Suspended", "Off"]), "whether old versions are kept"),
    field("mfa_delete", Shape::Bool, "whether deleting a version takes a second factor"),
];

const LOGGING: &[Field] =
    &[field("target", TEXT, "the bucket that gets the access log"), field("prefix", TEXT, "the prefix of its keys")];

const OBJECT_LOCK: &[Field] = &[
    field("mode", Shape::Word(&["GOVERNANCE", "COMPLIANCE"]), "the default mode; null without a default"),
    field("days", Shape::Int, "the default retention in days; null without a default"),
];

const LIFECYCLE: &[Field] = &[
    field("expires_days", Shape::Int, "the fewest days after which a rule deletes objects; null if none does"),
    field("noncurrent_days", Shape::Int, "the fewest days after which a rule deletes old versions; null if none does"),
];

const REPLICATION: &[Field] = &[
    field("targets", Shape::List(&TEXT), "the ARNs of the target buckets"),
    field("foreign_account", Shape::Bool, "whether a target lies in an account outside the own organisation"),
    field("encrypted", Shape::Bool, "whether replicas are encrypted with a KMS key"),
];

/// The fields of `s3.bucket`.
pub(super) const FIELDS: &[Field] = &[
    required("name", TEXT, "the bucket's name"),
    field("region", TEXT, "the region"),
    field("account", TEXT, "the account's number"),
    field(
        "provider",
        Shape::Word(&["aws", "other"]),
        "whether AWS serves it: there every new object is encrypted anyway",
    ),
    field("encryption", Shape::Map(ENCRYPTION), "default encryption; null without"),
    field(
        "public_access_block",
        Shape::Map(PUBLIC_ACCESS_BLOCK),
        "the block of public access of bucket and account together; null without",
    ),
    field("policy", Shape::Map(POLICY), "what the bucket's policy does; null without one"),
    field("acl", Shape::Map(ACL), "what the bucket's ACL gives"),
    field("versioning", Shape::Map(VERSIONING), "versioning"),
    field("logging", Shape::Map(LOGGING), "server access logging; null without"),
    field("data_events", Shape::Bool, "whether a trail records reads and writes of objects"),
    field("object_lock", Shape::Map(OBJECT_LOCK), "write once, read many; null without"),
    field("lifecycle", Shape::Map(LIFECYCLE), "lifecycle rules; null without"),
    field("replication", Shape::Map(REPLICATION), "replication; null without"),
    field("website", Shape::Bool, "whether it is served as a web site"),
    field("cors_any_origin", Shape::Bool, "whether scripts of any site may read it"),
    field("log_target", Shape::Bool, "whether other buckets or trails write their logs to it"),
    field("plaintext_objects", Shape::Bool, "whether an object without encryption was seen in it"),
    field("tags", Shape::Names, "its tags"),
];

/// The names of [`FIELDS`].
pub(super) const NAMES: &[&str] = &names::<{ FIELDS.len() }>(FIELDS);
