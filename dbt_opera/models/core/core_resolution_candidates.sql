with pairs as (
    select * from {{ ref('int_name_pairs') }}
),

people as (
    select
        names.name_key,
        min(people.performer_id) as performer_id,
        min(names.name collate "C") as name
    from {{ ref('int_people') }} as people
    inner join {{ ref('int_names') }} as names
        on people.printed = names.printed and people.position = names.position
    group by names.name_key
),

namesakes as (
    select distinct
        performer_id,
        name,
        person_key,
        left(person_key, -length(namesake) - 1) as name_key
    from {{ ref('int_people') }}
    where namesake is not null
),

works as (
    select * from {{ ref('int_works_mentioned') }}
),

genres as (
    select * from {{ ref('int_mention_genres') }}
),

performers as (
    select
        'performers' as entity,
        pairs.left_key,
        pairs.right_key,
        one.performer_id as left_id,
        other.performer_id as right_id,
        one.name as left_name,
        other.name as right_name,
        pairs.reason,
        nullif(pairs.evidence, '') as evidence,
        pairs.score,
        case
            when pairs.decision = 'different' then 'kept apart'
            when one.performer_id = other.performer_id then 'merged'
            else 'open'
        end as outcome,
        case when pairs.decision is null then 'score' else 'decision' end as decided_by
    from pairs
    inner join people as one on pairs.left_key = one.name_key
    inner join people as other on pairs.right_key = other.name_key
    union all
    select
        'performers' as entity,
        namesakes.name_key as left_key,
        namesakes.person_key as right_key,
        coalesce(people.performer_id, namesakes.performer_id) as left_id,
        namesakes.performer_id as right_id,
        namesakes.name as left_name,
        namesakes.name as right_name,
        'same name' as reason,
        'other profession or voice at another company' as evidence,
        0.50 as score,
        'open' as outcome,
        'score' as decided_by
    from namesakes
    left join people on namesakes.name_key = people.name_key
),

-- A work that its page alone does not say for sure.
taken as (
    select
        printed_key,
        work_key,
        min(opera_work_id) as opera_work_id,
        min(title collate "C") as title,
        min(resolution_score) as score,
        bool_or(is_decided) as is_decided
    from works
    where printed_key <> work_key
    group by printed_key, work_key
    having min(resolution_score) < 0.90
),

-- The evenings of song that may be one work: one title, and one composer at most.
titled as (
    select
        works.work_key,
        works.opera_work_id,
        {{ compact(folded(without_article('works.title_key'))) }} as title_sound,
        min(works.title collate "C") as title,
        min({{ normalised("regexp_replace(works.composer, '^.* ', '')") }} collate "C") as surname,
        bool_or(works.reference_id is not null) as is_in_reference
    from works
    inner join genres on works.mention_id = genres.mention_id
    where works.other_genre is null and (genres.genre is null or genres.genre in {{ counted_genres() }})
    group by works.work_key, works.opera_work_id, {{ compact(folded(without_article('works.title_key'))) }}
),

opera_works as (
    select
        'opera_works' as entity,
        printed_key as left_key,
        work_key as right_key,
        opera_work_id as left_id,
        opera_work_id as right_id,
        title as left_name,
        title as right_name,
        'title without a sure composer' as reason,
        null as evidence,
        score,
        'merged' as outcome,
        'score' as decided_by
    from taken
    where not is_decided
    union all
    select
        'opera_works' as entity,
        one.work_key as left_key,
        other.work_key as right_key,
        one.opera_work_id as left_id,
        other.opera_work_id as right_id,
        one.title as left_name,
        other.title as right_name,
        'one title' as reason,
        case when one.surname = other.surname then 'surname of the composer' else 'a composer is missing' end
            as evidence,
        case when one.surname = other.surname then 0.60 else 0.40 end as score,
        'open' as outcome,
        'score' as decided_by
    from titled as one
    inner join titled as other
        on one.title_sound = other.title_sound and one.work_key collate "C" < other.work_key collate "C"
    where
        one.opera_work_id <> other.opera_work_id
        and not (one.is_in_reference and other.is_in_reference)
        and coalesce(one.surname = other.surname, true)
),

candidates as (
    select * from performers
    union all
    select * from opera_works
),

keyed as (
    select
        {{ key('resolution_candidate', ['entity', 'left_key', 'right_key']) }} as id,
        entity,
        left_key,
        right_key,
        left_id,
        right_id,
        left_name,
        right_name,
        reason,
        evidence,
        score::numeric(3, 2) as score,
        outcome,
        decided_by
    from candidates
)

select * from keyed
