with credits as (
    select * from {{ ref('stg_credits') }}
    where is_latest and name is not null and function is not null
),

cast_members as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null and role is not null
),

extractions as (
    select
        extraction_id,
        language
    from {{ ref('stg_extractions') }}
),

labels as materialized (
    select
        language,
        {{ normalised('label') }} as label_key,
        function as functions
    from {{ ref('credit_labels') }}
),

-- Where the page's language does not have the label: what all languages that have it say.
labels_of_any_language as materialized (
    select
        label_key,
        min(functions collate "C") as functions
    from labels
    group by label_key
    having count(distinct functions) = 1
),

roles as (
    select distinct
        extractions.language,
        cast_members.role
    from cast_members
    inner join extractions on cast_members.extraction_id = extractions.extraction_id
),

-- The whole label (part 0), and what stands between its separators.
parts as materialized (
    select
        language,
        role,
        0 as part,
        {{ normalised('role') }} as label_key
    from roles
    union all
    select
        roles.language,
        roles.role,
        part.ordinality as part,
        {{ normalised('part.printed') }} as label_key
    from roles
    cross join
        lateral regexp_split_to_table(roles.role, '\s*[/,;&+]\s*|\s+(und|and|et|e|y|en|i|a|og|och)\s+')
        with ordinality as part (printed, ordinality)
),

read as (
    select
        parts.language,
        parts.role,
        parts.part,
        coalesce(labels.functions, labels_of_any_language.functions) as functions,
        bool_and(coalesce(labels.functions, labels_of_any_language.functions) is not null)
        filter (where parts.part > 0) over (partition by parts.language, parts.role) as is_every_part_known,
        bool_or(coalesce(labels.functions, labels_of_any_language.functions) is not null)
        filter (where parts.part = 0) over (partition by parts.language, parts.role) as is_whole_known
    from parts
    left join labels on parts.label_key = labels.label_key and parts.language = labels.language
    left join labels_of_any_language on parts.label_key = labels_of_any_language.label_key
),

-- A label in the place of a role is a function: the whole label, else every part of it.
misplaced as (
    select distinct
        read.language,
        read.role,
        function.name as function
    from read
    cross join lateral regexp_split_to_table(read.functions, '\+') as function (name)
    where
        case when read.is_whole_known then read.part = 0 else read.is_every_part_known and read.part > 0 end
),

lines as (
    select
        extraction_id,
        pointer,
        parent_pointer,
        position,
        nights_count,
        name,
        function,
        false as is_from_cast
    from credits
    union all
    select
        cast_members.extraction_id,
        cast_members.pointer,
        cast_members.parent_pointer,
        1000 + cast_members.position as position,
        cast_members.nights_count,
        cast_members.performer as name,
        misplaced.function,
        true as is_from_cast
    from cast_members
    inner join extractions on cast_members.extraction_id = extractions.extraction_id
    inner join misplaced
        on cast_members.role = misplaced.role and extractions.language is not distinct from misplaced.language
)

select * from lines
