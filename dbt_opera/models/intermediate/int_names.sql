with credit_lines as (
    select * from {{ ref('int_credit_lines') }}
    where function <> 'composer'
),

cast_members as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

name_words as (
    select * from {{ ref('name_words') }}
),

credit_labels as (
    select * from {{ ref('credit_labels') }}
),

voice_types as (
    select * from {{ ref('voice_types') }}
),

patterns as materialized (
    select
        {{ alternation('word') }} filter (where kind = 'honorific') as honorifics,
        {{ alternation('word') }} filter (where kind = 'suffix' and word !~ '^[IVX]+$') as suffixes,
        {{ alternation('word') }} filter (where kind = 'placeholder') as placeholders,
        string_agg({{ normalised('word') }}, '|') filter (where kind = 'ensemble') as ensembles,
        string_agg({{ normalised('word') }}, '|') filter (where kind in ('particle', 'not_name')) as fillers
    from name_words
),

label_pattern as materialized (
    select {{ alternation('label') }} as labels
    from (
        select distinct label
        from credit_labels
        where label !~ '[^[:lower:]]' and length(label) >= 4
    ) as words
),

-- What is no name: functions, voices, roles of the repertoire, titles.
other_words as materialized (
    select {{ normalised('label') }} as word_key from credit_labels
    union
    select {{ normalised('alias.printed') }} as word_key
    from voice_types
    cross join
        lateral regexp_split_to_table(
            voice_types.voice_type || ';' || coalesce(voice_types.aliases, ''), '\s*;\s*'
        ) as alias (printed)
    union
    select {{ normalised('role') }} as word_key from {{ ref('opera_roles') }}
    union
    select {{ normalised('title') }} as word_key from {{ ref('opera_works') }}
),

printed as (
    select name as printed from credit_lines
    union
    select performer as printed from cast_members
    union
    select replaces as printed from cast_members
    where replaces is not null
),

-- A single word that other pages print as a role is a role that lost its singer.
roles as materialized (
    select distinct {{ normalised('role') }} as role_key
    from cast_members
    where role is not null
),

-- Two words and nothing else are one name: most are, and need not be asked for more.
separated as (
    select
        printed.printed,
        case
            when printed.printed ~ '^[[:alpha:]]+[ -][[:alpha:]]+$' then printed.printed
            else {{ separated_names('printed.printed', 'label_pattern.labels') }}
        end as separated
    from printed
    cross join label_pattern
),

parts as (
    select
        separated.printed,
        part.position,
        part.name as part
    from separated
    cross join lateral regexp_split_to_table(separated.separated, '\s*/\s*') with ordinality as part (name, position)
    where part.name <> ''
),

-- "Winfrid Mikus, Tenor".
without_voices as (
    select
        parts.printed,
        parts.position,
        case when other_words.word_key is not null then regexp_replace(parts.part, ',[^,]*$', '') else parts.part end
            as part
    from parts
    left join other_words
        on
            parts.part ~ '\S \S.*,'
            and {{ normalised("regexp_replace(parts.part, '^.*,', '')") }} = other_words.word_key
),

-- Distinct though nothing repeats: that ends one turn of regular expressions before the next begins. PostgreSQL keeps
-- 32 compiled, and rows that pass through more of them compile each anew.
cleaned as (
    select distinct
        without_voices.printed,
        without_voices.position,
        btrim(
            {{ person_name(
                'without_voices.part', 'patterns.honorifics', 'patterns.suffixes', 'patterns.placeholders'
            ) }}
        ) as name
    from without_voices
    cross join patterns
    -- "26/VI)", "Questioner 2".
    where not (without_voices.part ~ '[0-9]' and without_voices.part !~ '[[:alpha:]]{2,}[^[:alpha:]]+[[:alpha:]]{2,}')
),

keyed as (
    select
        cleaned.printed,
        cleaned.position::integer as position,
        cleaned.name,
        {{ normalised('cleaned.name') }} as name_key
    from cleaned
    where cleaned.name is not null
),

kinds as (
    select
        keyed.*,
        keyed.name_key ~ ('(^| )(' || patterns.ensembles || ')( |$)')
        or keyed.name_key ~ {{ ensemble_ending() }} as is_ensemble,
        -- "Chor", "Orchester des Nationaltheaters": every house has one.
        keyed.name_key ~ (
            '^((' || patterns.ensembles || '|' || patterns.fillers || ')( |$)|\S*' || {{ ensemble_ending() }} || ')+$'
        ) as is_of_every_house
    from keyed
    cross join patterns
    where keyed.name_key <> '' and keyed.name_key !~ '[0-9]'
),

named as (
    select
        kinds.printed,
        kinds.position,
        kinds.name,
        kinds.name_key,
        kinds.is_ensemble,
        kinds.is_ensemble and kinds.is_of_every_house as is_of_every_house
    from kinds
    where
        kinds.is_ensemble
        or (
            not exists (
                select 1 from other_words
                where other_words.word_key = kinds.name_key
            )
            and (
                kinds.name_key like '% %'
                or not exists (
                    select 1 from roles
                    where roles.role_key = kinds.name_key
                )
            )
        )
)

select * from named
