{# A function in the column of roles is an extractor's slip: worth a look, no reason to stop a build. #}
{{ config(severity='warn') }}

with cast_members as (
    select * from {{ ref('int_cast_assignments') }}
    -- "Mimì" is also the Italian word for extras; what the reference knows as a role is one.
    where resolution = 'provisional'
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

labels as (
    select
        language,
        {{ normalised('label') }} as label_key
    from {{ ref('credit_labels') }}
),

functions as (
    select
        mentions.url,
        cast_members.role
    from cast_members
    inner join mentions
        on
            cast_members.extraction_id = mentions.extraction_id
            and starts_with(cast_members.pointer, mentions.pointer || '/')
    inner join labels on mentions.page_language = labels.language and cast_members.role_key = labels.label_key
)

select * from functions
