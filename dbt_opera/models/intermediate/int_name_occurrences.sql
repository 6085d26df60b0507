with mentions as (
    select * from {{ ref('int_mentions') }}
),

credit_lines as (
    select * from {{ ref('int_credit_lines') }}
    where function <> 'composer'
),

cast_members as materialized (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

reference_roles as (
    select
        {{ normalised('roles.role') }} as role_key,
        voice_types.voice_category
    from {{ ref('opera_roles') }} as roles
    inner join {{ ref('voice_types') }} as voice_types on roles.voice_type = voice_types.voice_type
),

-- High or low, where all works that have a role of that name agree.
voices_of_roles as materialized (
    select
        role_key,
        min(
            case
                when voice_category in ('soprano', 'mezzo') then 'high'
                when voice_category in ('tenor', 'baritone', 'bass-baritone', 'bass') then 'low'
                else 'open'
            end
        ) as voice
    from reference_roles
    group by role_key
    having
        count(
            distinct case
                when voice_category in ('soprano', 'mezzo') then 'high'
                when voice_category in ('tenor', 'baritone', 'bass-baritone', 'bass') then 'low'
                else 'open'
            end
        ) = 1
),

roles as materialized (
    select
        role,
        {{ normalised('role') }} as role_key
    from cast_members
    where role is not null
    group by role
),

credited as (
    select
        mentions.company_id,
        mentions.page_language,
        credit_lines.name as printed,
        credit_lines.function,
        null as voice,
        null as role_key
    from credit_lines
    inner join mentions
        on credit_lines.extraction_id = mentions.extraction_id and credit_lines.parent_pointer = mentions.pointer
),

sung as (
    select
        mentions.company_id,
        mentions.page_language,
        cast_members.performer as printed,
        'singer' as function,
        voices_of_roles.voice,
        roles.role_key
    from cast_members
    inner join mentions
        on cast_members.extraction_id = mentions.extraction_id and cast_members.parent_pointer = mentions.pointer
    left join roles on cast_members.role = roles.role
    left join voices_of_roles on roles.role_key = voices_of_roles.role_key
    where
        not exists (
            select 1 from credit_lines
            where
                credit_lines.is_from_cast
                and credit_lines.extraction_id = cast_members.extraction_id
                and credit_lines.pointer = cast_members.pointer
        )
),

replaced as (
    select
        mentions.company_id,
        mentions.page_language,
        cast_members.replaces as printed,
        'singer' as function,
        null as voice,
        null as role_key
    from cast_members
    inner join mentions
        on cast_members.extraction_id = mentions.extraction_id and cast_members.parent_pointer = mentions.pointer
    where cast_members.replaces is not null
),

occurrences as (
    select * from credited
    union all
    select * from sung
    union all
    select * from replaced
)

select * from occurrences
