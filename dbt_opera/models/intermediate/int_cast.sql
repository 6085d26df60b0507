with cast_members as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

people as (
    select * from {{ ref('int_people') }}
),

-- A function in the place of a role is read as a credit.
misplaced as (
    select distinct
        extraction_id,
        pointer
    from {{ ref('int_credit_lines') }}
    where is_from_cast
),

voice_types as (
    select * from {{ ref('voice_types') }}
),

voice_aliases as (
    select distinct on (alias_key)
        {{ normalised('alias.printed') }} as alias_key,
        voice_types.voice_type
    from voice_types
    cross join
        lateral regexp_split_to_table(
            voice_types.voice_type || ';' || coalesce(voice_types.aliases, ''), '\s*;\s*'
        ) as alias (printed)
    where alias.printed <> ''
    order by alias_key, voice_types.rank_order
),

parts as (
    select
        mentions.mention_id,
        mentions.company_id,
        cast_members.extraction_id,
        cast_members.pointer,
        mentions.pick_rank,
        cast_members.position,
        cast_members.role,
        {{ normalised('cast_members.role') }} as role_key,
        cast_members.voice_type as voice_type_printed,
        cast_members.kind,
        cast_members.nights_count > 0 as has_nights,
        cast_members.performer as printed,
        cast_members.replaces
    from cast_members
    inner join mentions
        on cast_members.extraction_id = mentions.extraction_id and cast_members.parent_pointer = mentions.pointer
    where
        not exists (
            select 1 from misplaced
            where
                misplaced.extraction_id = cast_members.extraction_id
                and misplaced.pointer = cast_members.pointer
        )
),

identified as (
    select
        parts.mention_id,
        parts.extraction_id,
        parts.pointer,
        parts.pick_rank,
        parts.position * 100 + people.position as position,
        parts.role,
        nullif(parts.role_key, '') as role_key,
        parts.voice_type_printed,
        voice_aliases.voice_type,
        parts.kind,
        parts.has_nights,
        people.performer_id,
        people.name,
        people.resolution,
        people.resolution_score,
        replaced.performer_id as replaces_performer_id
    from parts
    inner join people on parts.printed = people.printed and parts.company_id = people.company_id
    left join people as replaced
        on parts.replaces = replaced.printed and parts.company_id = replaced.company_id and replaced.position = 1
    left join voice_aliases on {{ normalised('parts.voice_type_printed') }} = voice_aliases.alias_key
)

select * from identified
