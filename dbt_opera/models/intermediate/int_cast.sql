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

split as (
    select
        mentions.mention_id,
        cast_members.extraction_id,
        cast_members.pointer,
        mentions.pick_rank,
        cast_members.position,
        part.ordinality as part_position,
        cast_members.role,
        {{ normalised('cast_members.role') }} as role_key,
        cast_members.voice_type as voice_type_printed,
        cast_members.kind,
        cast_members.nights_count > 0 as has_nights,
        btrim(part.printed) as printed,
        btrim(cast_members.replaces) as replaces
    from cast_members
    inner join mentions
        on cast_members.extraction_id = mentions.extraction_id and cast_members.parent_pointer = mentions.pointer
    cross join lateral regexp_split_to_table(cast_members.performer, {{ name_separator() }}) with ordinality as part (
        printed, ordinality
    )
),

identified as (
    select
        split.mention_id,
        split.extraction_id,
        split.pointer,
        split.pick_rank,
        split.position * 100 + split.part_position as position,
        split.role,
        nullif(split.role_key, '') as role_key,
        split.voice_type_printed,
        voice_aliases.voice_type,
        split.kind,
        split.has_nights,
        people.performer_id,
        people.name,
        people.resolution,
        people.resolution_score,
        replaced.performer_id as replaces_performer_id
    from split
    inner join people on split.printed = people.printed
    left join people as replaced on split.replaces = replaced.printed
    left join voice_aliases on {{ normalised('split.voice_type_printed') }} = voice_aliases.alias_key
)

select * from identified
