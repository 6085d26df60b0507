with mentions as (
    select * from {{ ref('int_mentions') }}
),

credit_lines as (
    select * from {{ ref('int_credit_lines') }}
),

cast_members as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

voices as (
    select distinct {{ normalised('alias.printed') }} as voice_key
    from {{ ref('voice_types') }} as voice_types
    cross join
        lateral regexp_split_to_table(
            voice_types.voice_type || ';' || coalesce(voice_types.aliases, ''), '\s*;\s*'
        ) as alias (printed)
    where length(alias.printed) > 3
),

credited as (
    select
        mentions.mention_id,
        bool_or(credit_lines.function in ('conductor', 'chorus_master', 'chorus', 'orchestra', 'repetiteur'))
            as has_music,
        bool_or(credit_lines.function in ('conductor', 'chorus_master', 'repetiteur')) as has_conductor,
        bool_or(credit_lines.function = 'choreographer') as has_choreographer,
        bool_or(credit_lines.function in ('director', 'dramaturg', 'set_designer')) as has_staging,
        array_agg(distinct {{ normalised('credit_lines.name') }})
        filter (where credit_lines.function not in ('composer', 'librettist', 'arranger')) as credited_keys,
        array_agg(distinct {{ normalised('credit_lines.name') }})
        filter (where credit_lines.function = 'choreographer') as choreographer_keys
    from mentions
    inner join credit_lines
        on mentions.extraction_id = credit_lines.extraction_id and mentions.pointer = credit_lines.parent_pointer
    group by mentions.mention_id
),

parts as (
    select distinct
        mentions.mention_id,
        {{ normalised('cast_members.role') }} as role_key
    from mentions
    inner join cast_members
        on mentions.extraction_id = cast_members.extraction_id and mentions.pointer = cast_members.parent_pointer
    where
        not exists (
            select 1 from credit_lines
            where
                credit_lines.is_from_cast
                and credit_lines.extraction_id = cast_members.extraction_id
                and credit_lines.pointer = cast_members.pointer
        )
),

sung as (
    select
        parts.mention_id,
        count(*) filter (where voices.voice_key is null) as roles_count,
        count(*) filter (where voices.voice_key is not null) as voices_count,
        array_agg(parts.role_key) filter (where parts.role_key <> '') as role_keys
    from parts
    left join voices on parts.role_key = voices.voice_key
    group by parts.mention_id
),

facts as (
    select
        mentions.mention_id,
        coalesce(credited.has_music, false) as has_music,
        coalesce(credited.has_conductor, false) as has_conductor,
        coalesce(credited.has_choreographer, false) as has_choreographer,
        coalesce(credited.has_staging, false) as has_staging,
        coalesce(credited.credited_keys, '{}') as credited_keys,
        coalesce(credited.choreographer_keys, '{}') as choreographer_keys,
        coalesce(sung.roles_count, 0) as roles_count,
        coalesce(sung.voices_count, 0) as voices_count,
        coalesce(sung.role_keys, '{}') as role_keys
    from mentions
    left join credited on mentions.mention_id = credited.mention_id
    left join sung on mentions.mention_id = sung.mention_id
)

select * from facts
