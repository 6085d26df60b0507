{% set ranking = 'occurrences.pick_rank, occurrences.position, occurrences.pointer collate "C"' %}

with people as (
    select distinct
        performer_id,
        person_key,
        name,
        resolution,
        resolution_score
    from {{ ref('int_people') }}
),

credits as (
    select * from {{ ref('int_credits') }}
),

cast_members as (
    select * from {{ ref('int_cast') }}
),

roles as (
    select * from {{ ref('core_cast_assignments') }}
),

reference_roles as (
    select * from {{ ref('core_opera_roles') }}
    where voice_type is not null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

occurrences as (
    select
        performer_id,
        mention_id,
        extraction_id,
        pointer || '/performer' as pointer,
        pick_rank,
        position,
        'singer' as performer_type,
        voice_type
    from cast_members
    union all
    select
        replaces_performer_id as performer_id,
        mention_id,
        extraction_id,
        pointer || '/replaces' as pointer,
        pick_rank,
        position,
        'singer' as performer_type,
        null as voice_type
    from cast_members
    where replaces_performer_id is not null
    union all
    select
        performer_id,
        mention_id,
        extraction_id,
        pointer || '/name' as pointer,
        pick_rank,
        position,
        case
            when function in ('conductor', 'assistant_conductor') then 'conductor'
            when function in ('director', 'revival_director', 'assistant_director') then 'director'
            when function like '%designer' then 'designer'
            when function in ('orchestra', 'chorus', 'childrens_chorus', 'dancers', 'extras') then 'ensemble'
            when function in ('chorus_master', 'childrens_chorus_master') then 'chorus_master'
            when function in ('choreographer', 'movement_director') then 'choreographer'
            when function = 'dramaturg' then 'dramaturg'
            when function in ('librettist', 'source_author', 'translator', 'arranger') then 'author'
            when function in ('instrumentalist', 'continuo', 'concertmaster', 'repetiteur') then 'instrumentalist'
            else 'other'
        end as performer_type,
        null as voice_type
    from credits
),

types as (
    select distinct on (performer_id)
        performer_id,
        performer_type
    from (
        select
            performer_id,
            performer_type,
            count(*) as occurrences_count
        from occurrences
        group by performer_id, performer_type
    ) as counted
    order by performer_id, occurrences_count desc, performer_type collate "C"
),

voices_printed as (
    select distinct on (performer_id)
        performer_id,
        voice_type
    from (
        select
            performer_id,
            voice_type,
            count(*) as occurrences_count
        from occurrences
        where voice_type is not null
        group by performer_id, voice_type
    ) as counted
    order by performer_id, occurrences_count desc, voice_type collate "C"
),

-- Pages seldom print voices; the parts somebody sings tell.
voices_of_roles as (
    select distinct on (performer_id)
        performer_id,
        voice_type
    from (
        select
            roles.performer_id,
            reference_roles.voice_type,
            count(distinct reference_roles.id) as roles_count
        from roles
        inner join reference_roles on roles.role_id = reference_roles.id
        group by roles.performer_id, reference_roles.voice_type
    ) as counted
    order by performer_id, roles_count desc, voice_type collate "C"
),

seen as (
    select
        occurrences.performer_id,
        {{ first_known('occurrences.extraction_id', ranking) }}
            as source_extraction_id,
        {{ first_known('occurrences.pointer', ranking) }}
            as source_pointer,
        {{ audit_columns('mentions') }}
    from occurrences
    inner join mentions on occurrences.mention_id = mentions.mention_id
    group by occurrences.performer_id
),

final as (
    select
        people.performer_id as id,
        replace(people.person_key, ' ', '-') as slug,
        people.name,
        case
            when types.performer_type = 'ensemble' then people.name
            else {{ sort_name('people.name') }}
        end as sort_name,
        types.performer_type,
        coalesce(voices_printed.voice_type, voices_of_roles.voice_type) as voice_type,
        case
            when voices_printed.voice_type is not null then 'printed'
            when voices_of_roles.voice_type is not null then 'roles'
        end as voice_type_source,
        null::text as wikidata_id,
        people.resolution,
        people.resolution_score,
        seen.source_extraction_id,
        seen.source_pointer,
        seen.created_at,
        seen.updated_at,
        seen.last_confirmed_at
    from people
    inner join seen on people.performer_id = seen.performer_id
    inner join types on people.performer_id = types.performer_id
    left join voices_printed on people.performer_id = voices_printed.performer_id
    left join voices_of_roles on people.performer_id = voices_of_roles.performer_id
)

select * from final
