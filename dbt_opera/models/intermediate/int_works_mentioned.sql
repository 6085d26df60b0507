with recursive found as (
    select * from {{ ref('int_works_found') }}
),

companies as (
    select
        id as company_id,
        slug
    from {{ ref('int_companies') }}
),

reference_works as (
    select
        work_id as reference_id,
        {{ normalised('work_id') }} as work_key
    from {{ ref('opera_works') }}
),

decisions as (
    select * from {{ ref('int_resolution_decisions') }}
    where entity = 'opera_works'
),

-- What a decision names: the work as this page prints it, and the work it was taken for.
keyed as (
    select
        found.*,
        concat_ws(
            ' ',
            found.title_key,
            coalesce(
                {{ normalised('found.printed_composer') }},
                nullif(found.printed_other_genre, 'concert'),
                {{ normalised('companies.slug') }}
            )
        ) as printed_key,
        case
            when found.reference_id is not null then {{ normalised('found.reference_id') }}
            when found.opera_work_id <> found.unresolved_work_id
                then concat_ws(' ', found.title_key, coalesce({{ normalised('found.composer') }}, found.other_genre))
            else
                concat_ws(
                    ' ',
                    found.title_key,
                    coalesce(
                        {{ normalised('found.printed_composer') }},
                        nullif(found.printed_other_genre, 'concert'),
                        {{ normalised('companies.slug') }}
                    )
                )
        end as found_key
    from found
    inner join companies on found.company_id = companies.company_id
),

parted as (
    select
        keyed.*,
        decisions.decision is not null as is_parted,
        case when decisions.decision is null then keyed.found_key else keyed.printed_key end as work_key
    from keyed
    left join decisions
        on
            least(keyed.printed_key collate "C", keyed.found_key collate "C") = decisions.left_key
            and greatest(keyed.printed_key collate "C", keyed.found_key collate "C") = decisions.right_key
            and decisions.decision = 'different'
),

edges as (
    select
        left_key as one,
        right_key as other
    from decisions
    where decision = 'same'
    union all
    select
        right_key as one,
        left_key as other
    from decisions
    where decision = 'same'
),

reached as (
    select
        one as work_key,
        one as reached_key
    from edges
    union
    select
        reached.work_key,
        edges.other as reached_key
    from reached
    inner join edges on reached.reached_key = edges.one
),

-- Of works that are one, the reference's stands for all.
chosen as (
    select distinct on (reached.work_key)
        reached.work_key,
        reached.reached_key as chosen_key,
        reference_works.reference_id
    from reached
    left join reference_works on reached.reached_key = reference_works.work_key
    where
        reference_works.reference_id is not null
        or exists (
            select 1 from parted
            where parted.work_key = reached.reached_key
        )
    order by reached.work_key, (reference_works.reference_id is null), reached.reached_key collate "C"
),

described as (
    select distinct on (work_key)
        work_key,
        case when is_parted then unresolved_work_id else opera_work_id end as opera_work_id,
        case when is_parted then printed_composer_id else composer_id end as composer_id,
        case when is_parted then printed_composer else composer end as composer,
        case when is_parted then printed_other_genre else other_genre end as other_genre
    from parted
    order by work_key, pick_rank, ordinal
),

decided as (
    select
        parted.mention_id,
        parted.company_id,
        parted.ordinal,
        parted.title,
        parted.title_key,
        parted.title_pointer,
        parted.pick_rank,
        parted.version,
        parted.form,
        parted.extent,
        parted.printed_key,
        parted.work_key,
        case
            when chosen.reference_id is not null then {{ key('work', ['chosen.reference_id']) }}
            when chosen.chosen_key is not null then described.opera_work_id
            when parted.is_parted then parted.unresolved_work_id
            else parted.opera_work_id
        end as opera_work_id,
        case
            when chosen.chosen_key is not null then chosen.reference_id
            when not parted.is_parted then parted.reference_id
        end as reference_id,
        case
            when chosen.chosen_key is not null then described.composer_id
            when parted.is_parted then parted.printed_composer_id
            else parted.composer_id
        end as composer_id,
        case
            when chosen.chosen_key is not null then described.composer
            when parted.is_parted then parted.printed_composer
            else parted.composer
        end as composer,
        case
            when chosen.chosen_key is not null then described.other_genre
            when parted.is_parted then parted.printed_other_genre
            else parted.other_genre
        end as other_genre,
        parted.composer_reference_id,
        parted.listed_genre,
        case
            when chosen.reference_id is not null then 'alias'
            when chosen.chosen_key is not null then 'normalised'
            when parted.is_parted then 'provisional'
            else parted.resolution
        end as resolution,
        case
            when chosen.chosen_key is not null then 1.00
            when parted.is_parted then 0.50
            else parted.resolution_score
        end::numeric(3, 2) as resolution_score,
        chosen.chosen_key is not null or parted.is_parted as is_decided
    from parted
    left join chosen on parted.work_key = chosen.work_key
    left join described on chosen.chosen_key = described.work_key
)

select * from decided
